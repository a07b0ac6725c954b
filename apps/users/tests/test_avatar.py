"""PATCH profile/ with a picture."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from apps.users import avatars
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes
from apps.users.tests.tokens import access_token_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(user):
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(user)}")
    return made


def picture(kind="PNG", size=(800, 600), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, kind, **options)
    return out.getvalue()


def upload(client, content, name="me.png", **fields):
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return client.patch("/api/auth/profile/", {"avatar": file, **fields}, format="multipart")


def stored():
    return list(avatars.stored())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_encoded_anew_at_most_512_pixels_wide_and_high(client, user, kind):
    response = upload(client, picture(kind))

    assert response.status_code == 200
    user.refresh_from_db()
    assert stored() == [user.avatar]
    assert response.json()["avatar"] == f"http://testserver/media/{user.avatar}"
    with default_storage.open(user.avatar) as file, Image.open(file) as image:
        assert (image.format, image.size) == ("WEBP", (512, 384))


def test_the_picture_is_public_under_its_random_name(client):
    url = upload(client, picture()).json()["avatar"]

    response = APIClient().get(url.removeprefix("http://testserver"))

    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).startswith(b"RIFF")
    assert len(url.rpartition("/")[2]) >= 32
    response.close()


def test_nothing_but_pixels_is_kept(client, user):
    secret = b"GPS 52.5200 N 13.4050 E"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    upload(client, picture("JPEG", exif=exif) + b"<script>alert(1)</script>")

    user.refresh_from_db()
    with default_storage.open(user.avatar) as file:
        content = file.read()
    assert secret not in content
    assert b"<script>" not in content


def test_a_picture_is_turned_upright(client, user):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    upload(client, picture("JPEG", size=(400, 200), exif=exif))

    user.refresh_from_db()
    with default_storage.open(user.avatar) as file, Image.open(file) as image:
        assert image.size == (200, 400)


def test_transparency_is_kept(client, user):
    upload(client, picture("PNG", size=(10, 10), mode="RGBA"))

    user.refresh_from_db()
    with default_storage.open(user.avatar) as file, Image.open(file) as image:
        assert image.convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_every_colour_model_of_the_formats_is_taken(client, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert upload(client, picture(kind, mode=mode)).status_code == 200


def test_a_jpeg_of_several_pictures_as_phones_make_it_is_taken(client):
    second = Image.new("RGB", (400, 300))

    assert upload(client, picture("MPO", save_all=True, append_images=[second]), name="IMG_1.JPG").status_code == 200


@pytest.mark.parametrize("behind", [b"\x00", b"\r\n", b"\x00" * 1_000])
def test_a_few_bytes_behind_a_picture_do_no_harm(client, behind):
    assert upload(client, picture("JPEG", progressive=True) + behind).status_code == 200


def test_other_fields_come_along_and_what_a_form_leaves_out_stays(client, user):
    response = upload(client, picture(), nickname="Benny")

    assert response.json()["nickname"] == "Benny"
    user.refresh_from_db()
    assert (user.is_active, user.timezone) == (True, "UTC")


def test_the_old_picture_goes_after_the_commit(client, user, django_capture_on_commit_callbacks):
    upload(client, picture())
    old = stored()
    with django_capture_on_commit_callbacks() as callbacks:
        upload(client, picture(size=(20, 20)))
    assert set(stored()) > set(old)

    for callback in callbacks:
        callback()

    user.refresh_from_db()
    assert stored() == [user.avatar]


def test_null_removes_the_picture(client, user, django_capture_on_commit_callbacks):
    upload(client, picture())
    with django_capture_on_commit_callbacks(execute=True):
        response = client.patch("/api/auth/profile/", {"avatar": None}, format="json")

    assert response.json()["avatar"] is None
    user.refresh_from_db()
    assert (user.avatar, stored()) == ("", [])


def bomb(side):
    """A PNG of `side` by `side` pixels in a few kilobytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100_000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no picture", "invalid_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "invalid_image"),
        (picture("GIF"), "invalid_image"),
        (picture("BMP"), "invalid_image"),
        (picture("TIFF"), "invalid_image"),
        (picture("PNG")[:-40], "invalid_image"),
        (picture("JPEG")[:200], "invalid_image"),
        (picture("WEBP")[:60], "invalid_image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "invalid_image"),
        (bomb(6_500), "too_many_pixels"),
        (bomb(11_000), "too_many_pixels"),
        (bomb(50_000), "too_many_pixels"),
    ],
)
def test_what_is_no_picture_of_these_formats_is_rejected(client, user, content, code):
    response = upload(client, content)

    assert (response.status_code, codes(response)) == (400, {"/avatar": code})
    user.refresh_from_db()
    assert (user.avatar, stored()) == ("", [])


def test_an_empty_file_is_rejected(client):
    assert upload(client, b"").status_code == 400
    assert stored() == []


@pytest.mark.parametrize("extra", [1, 200_000])
def test_more_than_two_megabytes_are_rejected(client, extra):
    content = picture("PNG") + b"\0" * (2 * 1024**2 + extra - len(picture("PNG")))

    response = upload(client, content)

    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")
    assert stored() == []


def test_a_change_that_is_rejected_leaves_no_picture_behind(client, user):
    UserFactory(username="taken")

    response = upload(client, picture(), username="taken")

    assert (response.status_code, codes(response)) == (400, {"/username": "unique"})
    assert stored() == []


def test_pictures_that_nobody_shows_are_removed_after_two_days(user):
    from datetime import timedelta

    from django.utils import timezone

    from apps.users import services

    shown = default_storage.save("avatars/shown.webp", ContentFile(b"x"))
    default_storage.save("avatars/orphan.webp", ContentFile(b"x"))
    user.avatar = shown
    user.save(update_fields=["avatar"])

    services.purge(now=timezone.now() + timedelta(hours=47))
    assert len(stored()) == 2
    services.purge(now=timezone.now() + timedelta(hours=49))
    assert stored() == [shown]
