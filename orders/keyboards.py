"""Keyboard layouts: the text of a scanner that types for a US keyboard, on a computer set to another one.

A hand scanner sends keys, not characters. Rows are the characters of the 45 keys of `US`, without and with Shift. A
dead key, which writes nothing by itself, is a middle dot. Layouts that move only punctuation, such as British, Spanish,
Italian or Nordic ones, are missing: their text is read without a table.
"""

from collections.abc import Iterator

US = (
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?',
)
LAYOUTS: dict[str, tuple[str, str]] = {
    "QWERTZ: German, Swiss, Croatian, Slovene, Polish": (
        "1234567890ß·qwertzuiopü+asdfghjklöäyxcvbnm,.-",
        '!"§$%&/()=?·QWERTZUIOPÜ*ASDFGHJKLÖÄYXCVBNM;:_',
    ),
    "Hungarian": (
        "123456789öüóqwertzuiopőúasdfghjkléáyxcvbnm,.-",
        "'\"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁYXCVBNM?:_",
    ),
    "Czech, QWERTZ": (
        "+ěščřžýáíé=·qwertzuiopú)asdfghjklů§yxcvbnm,.-",
        '1234567890%·QWERTZUIOP/(ASDFGHJKL"!YXCVBNM?:_',
    ),
    "Slovak, QWERTZ": (
        "+ľščťžýáíé=·qwertzuiopúäasdfghjklô§yxcvbnm,.-",
        '1234567890%·QWERTZUIOP/(ASDFGHJKL"!YXCVBNM?:_',
    ),
    "Czech, QWERTY": (
        "+ěščřžýáíé=·qwertyuiopú)asdfghjklů§zxcvbnm,.-",
        '1234567890%·QWERTYUIOP/(ASDFGHJKL"!ZXCVBNM?:_',
    ),
    "Slovak, QWERTY": (
        "+ľščťžýáíé=·qwertyuiopúäasdfghjklô§zxcvbnm,.-",
        '1234567890%·QWERTYUIOP/(ASDFGHJKL"!ZXCVBNM?:_',
    ),
    "French, AZERTY": (
        "&é\"'(-è_çà)=azertyuiop·$qsdfghjklmùwxcvbn,;:!",
        "1234567890°+AZERTYUIOP·£QSDFGHJKLM%WXCVBN?./§",
    ),
    "Belgian, AZERTY": (
        "&é\"'(§è!çà)-azertyuiop·$qsdfghjklmùwxcvbn,;:=",
        "1234567890°_AZERTYUIOP·*QSDFGHJKLM%WXCVBN?./+",
    ),
    "French, BÉPO": (
        "\"«»()@+-/*=%bépoè·vdljzwauie,ctsrnmàyx.k'qghf",
        "1234567890°`BÉPOÈ!VDLJZWAUIE;CTSRNMÀYX:K?QGHF",
    ),
    "Lithuanian": (
        "ąčęėįšųū„“-žqwertyuiop[]asdfghjkl;'zxcvbnm,./",
        'ĄČĘĖĮŠŲŪ()_ŽQWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?',
    ),
    "Turkish F": (
        "1234567890/-fgğıodrnhpqwuieaütkmlyşjövcçzsb.,",
        "!\"^$%&'()=?_FGĞIODRNHPQWUİEAÜTKMLYŞJÖVCÇZSB:;",
    ),
    "Dvorak": (
        "1234567890[]',.pyfgcrl/=aoeuidhtns-;qjkxbmwvz",
        '!@#$%^&*(){}"<>PYFGCRL?+AOEUIDHTNS_:QJKXBMWVZ',
    ),
    "Colemak": (
        "1234567890-=qwfpgjluy;[]arstdhneio'zxcvbkm,./",
        '!@#$%^&*()_+QWFPGJLUY:{}ARSTDHNEIO"ZXCVBKM<>?',
    ),
    "Russian": (
        "1234567890-=йцукенгшщзхъфывапролджэячсмитьбю.",
        '!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
    ),
    "Ukrainian": (
        "1234567890-=йцукенгшщзхїфівапролджєячсмитьбю.",
        '!"№;%:?*()_+ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ,',
    ),
    "Belarusian": (
        "1234567890-=йцукенгшўзх'фывапролджэячсмітьбю.",
        "!\"№;%:?*()_+ЙЦУКЕНГШЎЗХ'ФЫВАПРОЛДЖЭЯЧСМІТЬБЮ,",
    ),
    "Kazakh": (
        '"әіңғ,.үұқөһйцукенгшщзхъфывапролджэячсмитьбю№',
        "!ӘІҢҒ;:ҮҰҚӨҺЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ?",
    ),
    "Bulgarian": (
        "1234567890-.,уеишщксдзц;ьяаожгтнвмчюйъэфхпрлб",
        '!?+"%=:/–№$€ыУЕИШЩКСДЗЦ§ѝЯАОЖГТНВМЧЮЙЪЭФХПРЛБ',
    ),
    "Bulgarian, phonetic": (
        "1234567890-=явертъуиопшщасдфгхйкл;'зьцжбнм,./",
        '!@№$%€§*()–+ЯВЕРТЪУИОПШЩАСДФГХЙКЛ:"ЗѝЦЖБНМ„“?',
    ),
    "Serbian": (
        "1234567890'+љњертзуиопшђасдфгхјклчћжџцвбнм,.-",
        '!"#$%&/()=?*ЉЊЕРТЗУИОПШЂАСДФГХЈКЛЧЋЖЏЦВБНМ;:_',
    ),
    "Macedonian": (
        "1234567890-=љњертѕуиопшѓасдфгхјклчќзџцвбнм,./",
        "!„“$%^&*()_+ЉЊЕРТЅУИОПШЃАСДФГХЈКЛЧЌЗЏЦВБНМ;:?",
    ),
    "Greek": (
        "1234567890-=;ςερτυθιοπ[]ασδφγηξκλ·'ζχψωβνμ,./",
        '!@#$%^&*()_+:ΣΕΡΤΥΘΙΟΠ{}ΑΣΔΦΓΗΞΚΛ·"ΖΧΨΩΒΝΜ<>?',
    ),
    "Georgian": (
        "1234567890-=ქწერტყუიოპ[]ასდფგჰჯკლ;'ზხცვბნმ,./",
        '!@#$%^&*()_+QჭEღთYUIOP{}AშDFGHჟKL:"ძXჩVBNM<>?',
    ),
    "Armenian": (
        "ֆձ֊,։՞․՛)օէղճփբսմուկըթծցջվգեանիտհպրժդչյզլքխշռ",
        "ՖՁ—$…%և՚(ՕԷՂՃՓԲՍՄՈՒԿԸԹԾՑՋՎԳԵԱՆԻՏՀՊՐԺԴՉՅԶԼՔԽՇՌ",
    ),
    "Hebrew": (
        "1234567890-=/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.",
        '!@#$%^&*)(_+QWERTYUIOP}{ASDFGHJKL:"ZXCVBNM><?',
    ),
}
# The only punctuation in our addresses. All other characters stay as typed, so that Caps Lock, which shifts digits on
# some layouts, does no harm.
PUNCTUATION = "-._:/"
DEAD = "·"


def _table(rows: tuple[str, str]) -> dict[int, str]:
    pairs = [(typed, meant) for row, us in zip(rows, US, strict=True) for typed, meant in zip(row, us, strict=True)]
    table: dict[int, str] = {}
    for typed, meant in pairs:
        if typed != DEAD and (meant.isalnum() or meant in PUNCTUATION):
            table.setdefault(ord(typed), meant)
    return table


_TABLES = [_table(rows) for rows in LAYOUTS.values()]


def meant_on_us(text: str) -> Iterator[str]:
    """Yield, for each layout, the characters that the keys which typed `text` have on a US keyboard."""
    return (text.translate(table) for table in _TABLES)
