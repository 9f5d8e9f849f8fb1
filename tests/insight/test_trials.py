"""The pages of experiments: published figures to the digit, what is kept of a file, and what bad files get."""

import csv
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.guard.uploads import incoming
from guanxi.insight.models import ExperimentReading
from tests.api import keyed, problem
from tests.cast import hired
from tests.experiments.test_realdata import DATA

PAGE = "/insight/experiments/"
COOKIES = DATA / "cookie_cats" / "cookie_cats.csv"
GOOD = "arm,bought,spent\n" + "".join(f"{'AB'[k % 2]},{int(k % 5 == 0)},{k % 37}.5\n" for k in range(400))


def send(client: Client, content: bytes | str, name: str = "trial.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"file": SimpleUploadedFile(name, raw)})


def token(response: Any) -> str:
    found = re.search(r'name="file" value="([^"]+)"', response.content.decode())
    assert found, response.content.decode()
    return found[1]


def read(client: Client, content: bytes | str, **chosen: Any) -> Any:
    """Send a file, and choose its columns."""
    shown = send(client, content, chosen.pop("file_name", "trial.csv"))
    assert shown.status_code == 200
    return client.post(PAGE + "columns/", {"file": token(shown), **chosen})


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    text = " ".join(response.content.decode().split())
    assert not re.search(r"\bnan\b|\binf\b|>None<", text)
    return text


@pytest.mark.skipif(not COOKIES.exists(), reason="no data sets here")
def test_cookie_cats_is_read_to_the_published_digits(owners_browser: Client, owner: Staff) -> None:
    made = read(owners_browser, COOKIES.read_bytes(), arm="version", metrics=["retention_7"], name="Gate")
    rounds = read(owners_browser, COOKIES.read_bytes(), arm="version", metrics=["sum_gamerounds"], name="Rounds")
    assert "52.456<" in page(owners_browser, rounds.url)
    shown = page(owners_browser, made.url)
    for figure in ("19.020%", "18.200%", "−0.820", "−3.164", "0.00155", "χ² = 6.90, p = 0.00861"):
        assert figure in shown
    assert "<h1>The arms are not as large as planned, so trust no difference yet</h1>" in shown
    assert "No: something decides who is counted." in shown
    assert "Looked at every day" in shown
    assert len(shown.encode()) < 60_000
    assert list(incoming().iterdir()) == [], "the file is gone"
    told = keyed(owner, "insight:read").get("/insight/experiments")["data"][1]
    found = keyed(owner, "insight:read").get(f"/insight/experiments/{told['id']}")
    assert found["figures"]["metrics"][0]["arms"][1]["z"] == pytest.approx(-3.164, abs=5e-4)
    assert (told["name"], told["rows"]) == ("Gate", 90_189)


def test_a_reading_is_kept_with_who_when_and_both_languages(owners_browser: Client, owner: Staff) -> None:
    made = read(owners_browser, GOOD, arm="arm", metrics=["bought", "spent"], covariate="", weights="A=50 B=50")
    reading = ExperimentReading.objects.get()
    assert (reading.name, reading.file, reading.by) == ("trial", "trial.csv", owner)
    assert "Nothing is proven" in page(owners_browser, made.url)
    listed = page(owners_browser, PAGE)
    assert made.url in listed
    assert "400" in listed
    owner.language = "zh-hans"
    owner.save()
    assert "“A”" in page(owners_browser, made.url)
    assert "只会偶然" in page(owners_browser, made.url) or "偶然" in page(owners_browser, made.url)
    assert AuditEntry.objects.filter(act="experiment.read").count() == 1


def test_its_figures_leave_as_csv_and_json(owners_browser: Client) -> None:
    text = GOOD.replace("A,", "@cmd,").replace("B,", "plain,")
    made = read(owners_browser, text, arm="arm", metrics=["bought", "spent"])
    answer = owners_browser.get(made.url + "figures.csv")
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))  # type: ignore[attr-defined]
    assert [(row["metric"], row["arm"]) for row in rows] == [
        ("bought", "'@cmd"), ("bought", "plain"), ("spent", "'@cmd"), ("spent", "plain"),
    ]  # fmt: skip
    told = json.loads(owners_browser.get(made.url + "figures.json").content, parse_constant=pytest.fail)
    assert float(rows[1]["p"]) == pytest.approx(told["metrics"][0]["arms"][1]["p"])
    assert owners_browser.get(made.url + "figures.exe").status_code == 404


@pytest.mark.parametrize(("content", "said"), [
    ("", "empty"), ("arm,x\n", ""), ("arm\nA\nB\n", "one column alone"), (b"\x00\x01\x02\x03" * 50, ""),
])  # fmt: skip
def test_a_file_that_holds_no_table_is_refused_with_a_sentence(
    owners_browser: Client, content: bytes | str, said: str
) -> None:
    refused = send(owners_browser, content)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert "gx-field-error" in refused.content.decode()
    assert list(incoming().iterdir()) == []


@pytest.mark.parametrize(("content", "said"), [
    ("arm,x\nA,1\nA,2\n", "names one arm alone"), ("arm,x\nA,1\n", "names one arm alone"),
    ("arm,x\nA,red\nB,blue\n", "holds text such as"), ("arm,x\nA,\nB,\n", "is blank in every row"),
    ("arm,x\nA,nan\nB,nan\n", ""), ("x,arm\n" + "".join(f"1,{n}\n" for n in range(300)), "so it names no arms"),
])  # fmt: skip
def test_columns_that_are_no_experiment_are_refused_and_can_be_chosen_anew(
    owners_browser: Client, content: str, said: str
) -> None:
    refused = read(owners_browser, content, arm="arm", metrics=["x"])
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert token(refused), "the file waits for another choice"
    assert not ExperimentReading.objects.exists()


def test_other_encodings_are_read_and_decimal_commas_are_named(owners_browser: Client) -> None:
    rows = "".join(f"{'甲乙'[n % 2]};{n % 7}.5\n" for n in range(60))
    assert (
        read(owners_browser, ("分组;消费\n" + rows).encode("gb18030"), arm="分组", metrics=["消费"]).status_code == 302
    )
    metric = ExperimentReading.objects.get().figures["metrics"][0]
    assert metric["arms"][0]["mean"] == pytest.approx(sum(n % 7 + 0.5 for n in range(1, 60, 2)) / 30)
    refused = read(owners_browser, "arm;x\n" + rows.replace(".", ","), arm="arm", metrics=["x"])
    assert "writes decimals with a comma, such as 0,5. Write them with a point" in refused.content.decode()


def test_two_rows_that_say_nothing_have_a_page(owners_browser: Client) -> None:
    made = read(owners_browser, "arm,x\nA,1.5\nB,2.5\n", arm="arm", metrics=["x"])
    assert "—" in page(owners_browser, made.url)


def test_wrong_choices_are_refused(owners_browser: Client) -> None:
    for wrong in ({"arm": "moon"}, {"metrics": []}, {"metrics": ["arm"]}, {"control": "Z"}, {"weights": "A=1"}):
        assert read(owners_browser, GOOD, **({"arm": "arm", "metrics": ["bought"]} | wrong)).status_code == 422


def test_a_file_of_somebody_else_or_one_that_is_gone_is_asked_for_again(
    owners_browser: Client, owner: Staff, client: Client
) -> None:
    held = token(send(owners_browser, GOOD))
    chosen = {"file": held, "arm": "arm", "metrics": ["bought"]}
    client.force_login(hired("ann", "Ann", Role.ANALYST))
    assert "Send it once more" in client.post(PAGE + "columns/", chosen, follow=True).content.decode()
    for path in incoming().iterdir():
        path.unlink()
    for sent in (chosen, {**chosen, "file": "forged"}):
        assert owners_browser.post(PAGE + "columns/", sent).url == PAGE
    assert not ExperimentReading.objects.exists()


def test_what_cells_hold_is_not_kept(owners_browser: Client) -> None:
    rows = "arm,x\n" + "".join(f"{'AB'[n % 2]},{n}\n" for n in range(40)) + "A,lin@example.com\n"
    read(owners_browser, rows, arm="arm", metrics=["x"])
    kept = ExperimentReading.objects.get()
    assert "lin@example.com" not in json.dumps([kept.figures, kept.sentences, kept.asked])


def test_a_reading_is_removed(owners_browser: Client, owner: Staff) -> None:
    made = read(owners_browser, GOOD, arm="arm", metrics=["bought"])
    assert owners_browser.post(made.url + "removal/").status_code == 302
    assert not ExperimentReading.objects.exists()
    assert "Nothing was read yet." in page(owners_browser, PAGE)
    problem(keyed(owner, "insight:read").call("GET", "/insight/experiments/exp_0000000000001"), 404)


def test_the_list_costs_the_same_for_more_readings(
    owners_browser: Client, owner: Staff, django_assert_num_queries: Any
) -> None:
    read(owners_browser, GOOD, arm="arm", metrics=["bought"])
    kept = ExperimentReading.objects.get()
    page(owners_browser, PAGE)
    for count in (0, 60):
        ExperimentReading.objects.bulk_create(
            [ExperimentReading(name=f"n{n}", figures=kept.figures, sentences={}, by=owner) for n in range(count)]
        )
        with django_assert_num_queries(6):
            shown = page(owners_browser, PAGE)
    assert len(shown.encode()) < 60_000
