"""In which character set a file is read: guessed as well as it can be, and chosen by a person (contract IM7)."""

from __future__ import annotations

import pytest

from apps.imports.sources.encodings import ENCODINGS, decode
from apps.tasks.models import Task

RUSSIAN = "id;Название;Статус\n1;Купить молоко и хлеб;todo\n2;Позвонить клиенту;done\n"
# A table as people have them: a line of headers, and two rows
TEXTS = {
    "windows-1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "ibm866": RUSSIAN,
    "windows-1253": "Τίτλος;Κατάσταση\nΑγορά γάλακτος και ψωμιού;Ανοιχτό\nΤηλεφώνημα στον πελάτη;Έτοιμο\n",
    "windows-1250": "Název;Stav\nZkontrolovat výkaz za březen;Probíhá\nPřipravit šedé položky;Uzavřeno\n",
    "iso-8859-2": "Tytuł;Stan\nKupić mleko na środę;W toku\nUsunąć błędy żądań i źle ułożone pola;Zamknięte\n",
    "windows-1254": "Başlık;Durum\nMüşteriyi ara;Devam ediyor\nRaporu gözden geçir, yanlışları düzelt;Açık\n",
    "windows-1255": "כותרת;מצב\nלקנות חלב ולחם;פתוח\nלהתקשר ללקוח;בטיפול\n",
    "windows-1256": "العنوان;الحالة\nشراء الحليب والخبز;مفتوح\nالاتصال بالعميل;قيد التنفيذ\n",
    "windows-1257": "Pavadinimas;Būsena\nPaskambinti klientui dėl sutarties;Vykdoma\nAtnaujinti svetainę;Uždaryta\n",
    "windows-874": "ชื่อ;สถานะ\nซื้อนมและขนมปัง;เปิด\nโทรหาลูกค้า;กำลังทำ\n",
    "shift_jis": "件名,状態\n牛乳とパンを買う,未着手\n設計書のレビューを行う,進行中\n",
    "euc-jp": "件名,状態\n牛乳とパンを買う,未着手\n設計書のレビューを行う,進行中\n",
    "iso-2022-jp": "件名,状態\n牛乳とパンを買う,未着手\n設計書のレビューを行う,進行中\n",
    "gb18030": "标题,状态\n买牛奶和面包,待办\n检查三月份的报告,进行中\n",
    "big5": "標題,狀態\n買牛奶和麵包,待辦\n檢查三月份的報告,進行中\n",
    "euc-kr": "제목,상태\n우유와 빵 사기,할 일\n고객에게 전화하기,진행 중\n",
    "windows-1252": "Titel;Status\nKüche putzen und Böden wischen;Erledigt\nÄnderungen prüfen – 20 €;Offen\n",
    "macintosh": "Titel;Status\nKüche putzen und Böden wischen;Erledigt\nÄnderungen prüfen;Offen\n",
    "ibm850": "Titel;Status\nKüche putzen und Böden wischen;Erledigt\nÄnderungen prüfen;Offen\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_im7_a_file_without_a_mark_is_read_in_its_own_character_set(name):
    found = decode(TEXTS[name].encode(ENCODINGS[name]))

    assert (found.text, found.broken) == (TEXTS[name], 0)


WESTERN_WORDS = "Café,Zoë,Müller,Größe,Ærø,Håkan,mañana,São,façade,It’s,“quoted”,Noël,ß,20€,§5"
FAR_AWAY = {
    "in many lines": b"a\n" * 500_000 + b"\xe4",
    "in one line": b"a" * 1_000_000 + b"\xe4\xf6",
    "behind blanks": b"\n" * 1_000_000 + b"\x81",
}


@pytest.mark.parametrize("word", WESTERN_WORDS.split(","))
@pytest.mark.parametrize("rows", [1, 200, 5_000])
def test_im7_a_single_western_word_among_english_stays_what_it_is(word, rows):
    text = "id,title\n" + "".join(f"{row},Call the customer again\n" for row in range(rows)) + f"x,{word}\n"

    assert decode(text.encode("cp1252")).text == text


def test_im7_utf_8_with_a_slip_is_utf_8():
    found = decode(RUSSIAN.encode() + b"\xff\n")

    assert (found.encoding, found.text, found.broken) == ("utf-8", RUSSIAN + "\ufffd\n", 1)


@pytest.mark.parametrize("data", FAR_AWAY.values(), ids=FAR_AWAY)
def test_im7_what_is_not_ascii_is_found_wherever_it_stands(data):
    assert decode(data).text == data.decode("latin-1")


def test_im7_a_person_chooses_another_character_set(upload, api, project, admin, run_anyhow):
    job = upload(admin, RUSSIAN.encode("cp1251"), project, encoding="macintosh").json()
    assert job["encoding"] == "macintosh"
    assert job["columns"][1]["header"] != "Название"

    columns = {"0": "external_id", "1": "title", "2": "status"}
    body = {"encoding": "windows-1251", "mapping": {"columns": columns}}
    answer = api(admin).patch(f"/api/imports/{job['id']}/", body)

    assert (answer.status_code, answer.json()["encoding"]) == (200, "windows-1251")
    assert answer.json()["columns"][1]["header"] == "Название"
    assert answer.json()["mapping"]["columns"] == columns
    assert run_anyhow(admin, answer.json())["result"]["created"] == 2
    assert sorted(Task.objects.values_list("title", flat=True)) == ["Купить молоко и хлеб", "Позвонить клиенту"]


def test_im7_what_has_no_meaning_in_a_character_set_is_said(upload, api, project, admin):
    job = upload(admin, RUSSIAN.encode("cp1251"), project).json()
    assert (job["encoding"], job["warnings"]) == ("windows-1251", [])

    job = api(admin).patch(f"/api/imports/{job['id']}/", {"encoding": "utf-8"}).json()

    assert job["warnings"][0].endswith("characters cannot be read as utf-8.")


@pytest.mark.parametrize("encoding", ["windows-9999", "", 5, ["utf-8"], "zlib_codec"])
def test_im7_a_character_set_is_one_of_those_that_are_offered(upload, api, project, admin, encoding):
    job = upload(admin, RUSSIAN, project).json()

    answer = api(admin).patch(f"/api/imports/{job['id']}/", {"encoding": encoding})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/encoding")


def test_im7_a_choice_in_which_the_file_cannot_be_read_changes_nothing(upload, api, project, admin):
    job = upload(admin, "Summary,Issue key\nOne,A-1\n", project).json()

    answer = api(admin).patch(f"/api/imports/{job['id']}/", {"encoding": "utf-16le", "notify": True})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/encoding")
    assert api(admin).get(f"/api/imports/{job['id']}/").json() == job


def test_im7_an_archive_has_no_character_set(upload, project, admin):
    answer = upload(admin, b"PK\x03\x04" + b"\0" * 30, project, encoding="utf-8")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/encoding")
