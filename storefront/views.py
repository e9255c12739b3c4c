"""The answer to a form whose CSRF token is missing or no longer valid."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from checkout.views import checkout
from common.http import Sender, offer_again, refuse_post, sender_of

# Forms shown again as they were filled in; one press of a button never places an order.
SHOWN_AGAIN = {"checkout:page": checkout.show_again}
# Words of the button on the page that offers a form again, by the name of the form's URL (or of its view).
LABELS = {
    "account_login": _("Sign in"),
    "accounts.views.SignInView": _("Sign in"),
    "account_logout": _("Sign out"),
    "account_signup": _("Create my account"),
    "account_reauthenticate": _("Confirm it's me"),
    "account_email": _("Change my email address"),
    "account_resend_confirmation": _("Send a new link"),
    "account_confirm_email": _("Confirm my email address"),
    "account_activate": _("Save my password"),
    "account_take_back": _("This wasn’t me"),
    "mfa_authenticate": _("Continue"),
    "mfa_activate_totp": _("Turn it on"),
    "mfa_another_app": _("Use this app"),
    "mfa_deactivate_totp": _("Turn it off"),
    "mfa_view_recovery_codes": _("I have kept them"),
    "mfa_generate_recovery_codes": _("Make new recovery codes"),
    "account_change_password": _("Change my password"),
    "mine:profile": _("Save my profile"),
    "mine:news": _("Save my choice"),
    "mine:address-new": _("Save the address"),
    "mine:address": _("Save the address"),
    "mine:address-remove": _("Remove the address"),
    "courier:apply": _("Send my application"),
    "staff:application": _("Record my decision about this application"),
    "mine:phone": _("Save my phone number"),
    "mine:phone-send": _("Send me a code"),
    "mine:phone-check": _("Check the code"),
    "mine:end-session": _("End the session"),
    "mine:download": _("Download my data"),
    "mine:delete": _("Delete my account"),
    "account_set_password": _("Set my password"),
    "account_reset_password": _("Send a link to a new password"),
    "account_reset_password_from_key": _("Set my password"),
    "orders:find": _("Find my order"),
    "orders:pay": _("Pay for this order"),
    "orders:cancel": _("Cancel this order"),
    "orders:receipt": _("Show the receipt"),
    "orders:invoice": _("Make the invoice"),
    "staff:register-customer": _("Register the customer"),
    "staff:verify-phone": _("Look for the phone number"),
    "staff:verified-phone": _("Verify the phone number"),
    "staff:registered-renew": _("Make a new code"),
    "staff:registered-mail": _("Send the link"),
    "staff:pause": _("Pause or resume orders"),
    "staff:find": _("Find the order"),
    "staff:step": _("Move the order on"),
    "staff:undo": _("Undo the last step"),
    "staff:cancel": _("Cancel this order"),
    "staff:refund": _("Refund this order"),
    "staff:cash": _("Close the day"),
    "staff:show-phone": _("Show the phone number"),
    "staff:receipt": _("Show the receipt"),
    "staff:show-document": _("Show the document with its buyer"),
    "staff:hand-over": _("Hand over the order"),
    "staff:attention-payment": _("Record my decision about this payment"),
    "staff:attention-refund": _("Record my decision about this refund"),
    "staff:attention-order": _("Record my decision about this order"),
    "staff:attention-message": _("Record my decision about this message"),
    "collect": _("Hand over the order"),
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Offer a form of our own again; refuse anything else without repeating any of its fields.

    Another site's fields never get a valid token: one press of our button would do what its author wants.
    """
    if sender_of(request) is not Sender.OWN:
        return refuse_post(request)
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in SHOWN_AGAIN:
        return SHOWN_AGAIN[name](request)
    return offer_again(request, LABELS.get(name, _("Send this form again")))
