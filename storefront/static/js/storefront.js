/* Everything here only enhances links and forms that work without it. */
import { setUpCart } from "./cart.js";
import { setUpHours } from "./hours.js";
import { setUpListing } from "./listing.js";
import { setUpProduct } from "./product.js";
import { setUpShell } from "./shell.js";
import { setUpSuggestions } from "./suggest.js";

setUpShell();
setUpHours();
setUpCart();
setUpListing();
setUpProduct();
setUpSuggestions();
