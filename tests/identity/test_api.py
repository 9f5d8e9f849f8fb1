"""Programs merge customers, read what was done, and take it back."""

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.identity.models import Merge
from tests.api import keyed, problem
from tests.identity.people import person


def test_a_program_merges_two_customers_and_takes_it_back(owner: Staff) -> None:
    program = keyed(owner)
    lin, chen = person(1), person(2)
    answer = program.call("POST", f"/customers/{chen.public_id}/merges", {"other": lin.public_id, "evidence": "called"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["survivor"], told["other"], told["in_force"]) == (lin.public_id, chen.public_id, True)
    assert Merge.objects.get().proven_by == "called"
    note = program.call("POST", f"/customers/{chen.public_id}/notes", {"text": "oolong"})  # who was merged leads on
    assert (note.status_code, lin.notes.count()) == (201, 1)
    problem(program.call("POST", f"/customers/{chen.public_id}/merges", {"other": lin.public_id}), 409)
    undone = program.call("POST", f"/merges/{told['id']}/undo", {})
    assert (undone.status_code, undone.json()["in_force"]) == (200, False)
    assert not Customer.objects.filter(survivor__isnull=False).exists()
    problem(program.call("POST", f"/merges/{told['id']}/undo", {}), 409)
    for each in (lin, chen):
        acts = program.call("GET", f"/customers/{each.public_id}/merges").json()["data"]
        assert [act["act"] for act in acts] == ["unmerged", "merged"]
