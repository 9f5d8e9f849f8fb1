"""The page of moves between classes, and the people behind them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.asked_moves import AskedMoves, BadDays
from guanxi.insight.class_moves import KeptClasses
from guanxi.insight.moved_people import SHOWN, MovedPeople


@require_GET
@needs("insight.view")
def moves(request: StaffRequest) -> HttpResponse:
    """Show who went from which class to which between two days; where these cannot be, the usual ones, and why."""
    kept, problem = KeptClasses.read(), ""
    if kept is None:
        return render(request, "insight/class_moves.html", {"may_import": request.user.may("imports.run")})
    try:
        asked = AskedMoves.of(request.GET.dict(), kept.days, kept.usual)
    except BadDays as error:
        asked, problem = AskedMoves(kept.usual), str(error)
    return render(request, "insight/class_moves.html", {"page": kept.between(asked), "problem": problem})


@require_GET
@needs("insight.view")
def people(request: StaffRequest) -> HttpResponse:
    """List the customers behind a move."""
    kept, told = KeptClasses.read(), request.GET.dict()
    if kept is None:
        raise Http404
    try:
        behind = MovedPeople.of(told, kept.between(AskedMoves.of(told, kept.days, kept.usual)))
    except BadDays as error:
        raise Http404 from error
    if behind is None:
        raise Http404
    shown = {"behind": behind, "rows": behind.seen_by(request.user), "cut": behind.count > SHOWN}
    return render(request, "insight/class_moved.html", shown)
