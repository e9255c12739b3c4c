"""Page context: requested by page models, built by modules that the models may not import.

Builders register by the model of the page, as outbox handlers do by event; apps import them when they are ready. What
every page shares (header, footer, menu: the shell) comes from the loader that the composition root registers.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Context = dict[str, object]
Builder = Callable[..., Context]
ShellLoader = Callable[[], Any]
_builders: dict[type, Builder] = {}
_shell_loaders: list[ShellLoader] = []


def page_context(*models: type) -> Callable[[Builder], Builder]:
    """Register the decorated function for pages of `models` and of their subclasses.

    It is called as `build(page, request, shell)` and returns the template's context beside the page.
    """

    def register(build: Builder) -> Builder:
        _builders.update(dict.fromkeys(models, build))
        return build

    return register


def shell_loader(load: ShellLoader) -> ShellLoader:
    """Register the decorated function as the loader of the shell; the last one wins."""
    _shell_loaders[:] = [load]
    return load


def current_shell() -> Any:
    """Return the shell shared by every page, in the active language."""
    return _shell_loaders[0]()


def context_of(page: object, request: HttpRequest) -> Context:
    """Return the context of a page's template. All queries are made here, none while it renders."""
    shell = current_shell()
    found: Context = {"shell": shell}
    for model in reversed(type(page).__mro__):
        if model in _builders:
            found.update(_builders[model](page, request, shell))
    return found
