/* Everything here only enhances links and forms that also work without it. */
import { Cart } from "./cart.js";
import { PromiseHere } from "./checkout.js";
import { mount } from "./dom.js";
import { CartLink } from "./drawer.js";
import { Focus, Once, Print, ShowPassword } from "./forms.js";
import { Header } from "./header.js";
import { Hours } from "./hours.js";
import { Listing } from "./listing.js";
import { Picker } from "./picker.js";
import { Poll } from "./poll.js";
import { Options, Thumbnail, Weight } from "./product.js";
import { Steppers } from "./stepper.js";
import { Suggestions } from "./suggest.js";
import { ThemeSwitch } from "./theme.js";

mount([
  Once,
  Print,
  ThemeSwitch,
  Picker,
  ShowPassword,
  Poll,
  Focus,
  Hours,
  Steppers,
  Cart,
  CartLink,
  PromiseHere,
  Listing,
  Options,
  Weight,
  Thumbnail,
  Suggestions,
  Header,
]);
