"""The paths of the bulletin desk, below `bulletins/`."""

from django.urls import URLPattern, URLResolver, path

from lianfang.doors.web import bulletin_desk, bulletin_items, bulletins

urlpatterns: list[URLPattern | URLResolver] = [
    path("", bulletins.home, name="bulletins"),
    path("items/", bulletin_items.index, name="bulletin-items"),
    path("items/new/", bulletin_items.new, name="bulletin-item-new"),
    path("items/<int:item>/", bulletin_items.page, name="bulletin-item"),
    path("items/<int:item>/take-back/", bulletin_items.take_back, name="bulletin-item-take-back"),
    path("items/<int:item>/decline/", bulletin_items.decline, name="bulletin-item-decline"),
    path("begin/", bulletin_desk.begin, name="bulletin-begin"),
    path("<int:issue>/", bulletins.issue, name="bulletin"),
    path("<int:issue>/desk/", bulletin_desk.page, name="bulletin-desk"),
    path("<int:issue>/desk/head/", bulletin_desk.head, name="bulletin-head"),
    path("<int:issue>/desk/select/", bulletin_desk.select, name="bulletin-select"),
    path("<int:issue>/desk/<int:item>/", bulletin_desk.item, name="bulletin-desk-item"),
    path("<int:issue>/desk/<int:item>/move/", bulletin_desk.move, name="bulletin-move"),
    path("<int:issue>/desk/<int:item>/release/", bulletin_desk.release, name="bulletin-release"),
    path("<int:issue>/send/", bulletin_desk.send, name="bulletin-send"),
    path("<int:issue>/return/", bulletin_desk.give_back, name="bulletin-return"),
    path("<int:issue>/discard/", bulletin_desk.discard, name="bulletin-discard"),
    path("<int:issue>/review/", bulletin_desk.review, name="bulletin-review"),
    path("<int:issue>/sign/", bulletin_desk.sign, name="bulletin-sign"),
    path("<int:issue>/withdraw/", bulletin_desk.withdraw, name="bulletin-withdraw"),
    path("<int:issue>/remind/", bulletin_desk.remind, name="bulletin-remind"),
    path("<int:issue>/pages/<int:number>.png", bulletins.picture, name="bulletin-page"),
    path("<int:issue>/proof.pdf", bulletins.proof_pdf, name="bulletin-proof"),
    path("<int:issue>/print.<str:format>", bulletins.download, name="bulletin-print"),
    path("<int:issue>/figures/<int:frozen>/", bulletins.figure, name="bulletin-figure"),
]
