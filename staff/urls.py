"""Addresses of the staff panel."""

from django.urls import path

from staff.views import applications, attention, board, cash, customers, documents, order, phones, refund, scan, slip

app_name = "staff"
urlpatterns = [
    path("", board.show_board, name="board"),
    path("live/", board.live, name="live"),
    path("pause/", board.pause_shop, name="pause"),
    path("recall/", board.recall, name="recall"),
    path("attention/", attention.show, name="attention"),
    path("attention/payments/<uuid:key>/<str:verb>/", attention.payment, name="attention-payment"),
    path("attention/refunds/<uuid:key>/<str:verb>/", attention.refund, name="attention-refund"),
    path("attention/messages/<int:key>/<str:verb>/", attention.message, name="attention-message"),
    path("attention/orders/<str:number>/<str:verb>/", attention.order, name="attention-order"),
    path("cash/", cash.cash_book, name="cash"),
    path("applications/", applications.show, name="applications"),
    path("applications/<int:key>/<str:verb>/", applications.decide, name="application"),
    path("customers/new/", customers.register, name="register-customer"),
    path("customers/verify-phone/", phones.look_up, name="verify-phone"),
    path("customers/verify-phone/<int:key>/", phones.verify, name="verified-phone"),
    path("customers/registered/<int:key>/", customers.registered, name="registered"),
    path("customers/registered/<int:key>/slip/", customers.slip, name="registered-slip"),
    path("customers/registered/<int:key>/renew/", customers.renew, name="registered-renew"),
    path("customers/registered/<int:key>/mail/", customers.send_mail, name="registered-mail"),
    path("find/", order.find, name="find"),
    path("scan/", scan.scanner, name="scan"),
    path("orders/<str:number>/", order.show_order, name="order"),
    path("orders/<str:number>/step/", board.take_step, name="step"),
    path("orders/<str:number>/undo/", board.take_back, name="undo"),
    path("orders/<str:number>/cancel/", order.cancel, name="cancel"),
    path("orders/<str:number>/refund/", refund.refund, name="refund"),
    path("orders/<str:number>/phone/", order.show_phone, name="show-phone"),
    path("orders/<str:number>/hand-over/", scan.hand_over_order, name="hand-over"),
    path("orders/<str:number>/slip/", slip.show_slip, name="slip"),
    path("orders/<str:number>/receipt/", documents.receipt, name="receipt"),
    path("orders/<str:number>/documents/<str:name>.pdf", documents.document, name="document"),
    path("orders/<str:number>/documents/<str:name>/show/", documents.show_document, name="show-document"),
]
