"""Files: their bytes say what they are, and nothing that runs is kept or shown."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import file
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Direction, Message

AT = datetime(2026, 11, 22, tzinfo=UTC)


def zipped(**entries):
    """Return a real archive with these entries (underscores stand for slashes)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("_", "/"), content)
    return made.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("body", "mime"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"GIF89a\x01", "image/gif"),
        (b"GIF87a\x01", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", ""),
        (b"\x00\x00\x00\x18ftypheic\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypavif\x00", "image/avif"),
        (b"\x00\x00\x00\x18ftypisom\x00", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42\x00", "video/mp4"),
        (b"\x00\x00\x00\x18ftypqt  \x00", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A \x00", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5\x00", "video/3gpp"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7matroska", "video/x-matroska"),
        (b"OggS\x00\x02OpusHead", "audio/ogg"),
        (b"OggS\x00\x02\x80theora", "video/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xff\xff\xff", ""),
        (b"\xff", ""),
        (b"#!AMR\n", "audio/amr"),
        (b"fLaC\x00", "audio/flac"),
        (b"%PDF-1.7\n", "application/pdf"),
        (zipped(**{"[Content_Types].xml": "", "word_document.xml": ""}), WORD),
        (zipped(xl_workbook="a"), SHEET),
        (zipped(ppt_slides="a"), SLIDES),
        (zipped(mimetype=ODT), ODT),
        (zipped(notes="a"), "application/zip"),
        (b"BEGIN:VCARD\r\n", "text/vcard"),
        (b"MZ\x90\x00\x03\x00", file.PROGRAM),
        (b"MZ is how my letter begins", ""),
        (b"\x7fELF\x02\x01", file.PROGRAM),
        (b"\xcf\xfa\xed\xfe\x07", file.PROGRAM),
        (b"#!/bin/sh\nrm -rf /", file.PROGRAM),
        (b"  <!DOCTYPE html><p>", file.HTML),
        (b"hello <script>alert(1)</script>", file.HTML),
        ("<html >".encode("utf-16"), file.HTML),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()">', file.SVG),
        (b"just words", ""),
        (b"", ""),
    ],
)
def test_the_bytes_tell_what_a_file_is(body, mime):
    assert file.sniffed(body) == mime


@pytest.mark.parametrize(
    ("body", "declared", "mime"),
    [
        (b"<html><script>", "image/png", file.HTML),
        (b"\x89PNG\r\n\x1a\n", "text/html", "image/png"),
        (b"name;city", "text/csv; charset=utf-8", "text/csv"),
        (b"words", "TEXT/Plain", "text/plain"),
        (b"not a picture", "image/png", file.UNKNOWN),
        (b"alert(1)", "text/javascript", file.UNKNOWN),
        (b"words", "", file.UNKNOWN),
    ],
)
def test_what_is_declared_is_believed_only_where_it_does_no_harm(body, declared, mime):
    assert file.mime_type(body, declared) == mime


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        (b"MZ\x90\x00", "photo.jpg", "program"),
        (b"words", "invoice.pdf.EXE", "program"),
        (b"words", "run.ps1 ", "program"),
        (b"PK\x03\x04", "budget.xlsm", "program"),
        (b"#!/usr/bin/env python", "", "program"),
        (b"words", "letter.txt", ""),
        (b"words", "exe", ""),
        (b"\xff\xd8\xff", "me.jpg", ""),
    ],
)
def test_programs_and_scripts_are_refused_whatever_they_are_called(body, name, reason):
    assert file.refusal(body, name) == reason


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "text/javascript", "text/xml", ""])
def test_what_a_browser_would_run_is_neither_shown_nor_served_as_itself(mime):
    assert not file.shown_inline(mime)
    assert file.served_as(mime) == file.UNKNOWN


@pytest.mark.parametrize("mime", ["image/png", "video/mp4", "audio/ogg", "application/pdf"])
def test_pictures_sounds_films_and_pdf_are_shown(mime):
    assert file.shown_inline(mime)
    assert file.served_as(mime) == mime


@pytest.mark.parametrize("mime", ["text/csv", WORD, ODT, "application/zip", "image/heic"])
def test_documents_are_served_as_themselves_to_be_saved(mime):
    assert not file.shown_inline(mime)
    assert file.served_as(mime) == mime


def test_a_program_is_never_served_as_one():
    assert file.served_as(file.PROGRAM) == file.UNKNOWN


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\bill.pdf", "bill.pdf"),
        ('a"b\r\nSet-Cookie: x.txt', "a_b_Set-Cookie_ x.txt"),
        ("Rechnung für März.pdf", "Rechnung für März.pdf"),
        ("  .hidden. ", "hidden"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("///", ""),
        ("x" * 200 + ".jpeg", "x" * 111 + ".jpeg"),
        ("y" * 200, "y" * 120),
    ],
)
def test_names_are_made_harmless(given, safe):
    assert file.safe_name(given) == safe


@given(st.text())
def test_no_name_gets_out_of_its_folder_or_its_header(name):
    safe = file.safe_name(name)
    assert len(safe) <= file.LONGEST_NAME
    assert not set(safe) & set('/\\"\r\n\x00;:<>|*?')
    assert file.safe_name(safe) == safe


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_bytes_have_a_type_and_may_be_judged(body, name):
    assert file.mime_type(body, name)
    assert file.refusal(body, name) in ("", "program")


def message(direction=Direction.INBOUND, *attachments, **facts):
    return Message("m", "c", direction, False, AT, AT, attachments=attachments, **facts)


def test_a_file_at_its_platform_is_wanted_until_it_is_kept_or_refused():
    found = message(
        Direction.INBOUND,
        Attachment("image", url="https://x.example/1"),
        Attachment("audio", media_id="9"),
        Attachment("image", url="https://x.example/2", key="media/c/m/2"),
        Attachment("image", url="https://x.example/3", refused="gone"),
        Attachment("location", url="https://maps.example/"),
        Attachment("quick_reply", name="yes"),
    )
    assert file.missing(found) == (0, 1)
    assert file.wanted(found)


def test_an_upload_is_wanted_until_it_is_kept_beside_its_reply():
    new = Attachment("image", key="upload/c/r/me.jpg")
    kept = Attachment("image", key="media/c/m/1")
    lost = Attachment("image", key="upload/c/r/me.jpg", refused="gone")
    link = Attachment("image", url="https://x.example/1")
    assert file.missing(message(Direction.OUTBOUND, new, kept, lost, link)) == (0,)


@pytest.mark.parametrize("facts", [{"stub": True}, {"deleted_at": AT}])
def test_nothing_is_wanted_of_a_message_that_is_deleted_or_not_known_yet(facts):
    assert not file.wanted(message(Direction.INBOUND, Attachment("image", url="u"), **facts))
