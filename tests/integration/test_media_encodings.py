"""Texts from before Unicode, in the bytes that each language's machines wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eval.letters import costs_of, pair_counts
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.encodings import MODEL_FILE, likely_encoding
from hybridsearch.adapters.media.text import decode, unicode_of
from hybridsearch.domain.asset import Provenance
from tests.integration.test_media_metadata import iim, plain

UTF8 = (1, 90, b"\x1b%G")

CAPTIONS = {
    "sl": ("cp1250", "Gasilci so pogasili požar v Kočevju, ki je zajel tovarno Melamin."),
    "sl-short": ("cp1250", "Črnomelj"),
    "hr": ("cp1250", "Predsjednik Hrvatskog sabora Vladimir Šeks i Đurđa Adlešič u Čakovcu"),
    "sr": ("cp1250", "Boris Tadić i Koštunica posle sednice Skupštine u Beogradu, Džep"),
    "de": ("cp1252", "Bundeskanzlerin Merkel trifft Ministerpräsident Müller in Gütersloh"),
    "fr": ("cp1252", "Le président à Genève après la conférence sur les forêts tropicales"),
    "fr-short": ("cp1252", "Hélène Mercier, Genève"),
    "it": ("cp1252", "Il presidente è arrivato a Forlì, la città più colpita"),
    "es": ("cp1252", "Núñez, alcalde de La Coruña, durante la inauguración"),
    "pt": ("cp1252", "Eleições em São João da Madeira, Portugal"),
    "sv": ("cp1252", "Kungen på Älvsborgs fästning i Göteborg, Åsa Nyström"),
    "da": ("cp1252", "Dronningen på Rådhuspladsen i København, Jørgen Sørensen"),
    "cs": ("cp1250", "Ministr zahraničí při návštěvě Plzně, Jiří Dvořák"),
    "pl": ("cp1250", "Prezydent Wałęsa w Łodzi podczas uroczystości świątecznych"),
    "hu": ("cp1250", "A miniszterelnök Győrben, a belső udvarban; Erdős Gergő"),
}


@pytest.mark.parametrize("language", CAPTIONS)
@pytest.mark.parametrize("candidates", [("cp1250", "cp1252"), ("cp1252", "cp1250")])
def test_each_language_is_read_in_its_own_encoding(
    language: str, candidates: tuple[str, ...]
) -> None:
    encoding, caption = CAPTIONS[language]
    reader = FileMediaReader(legacy_encodings=candidates)
    raw = caption.encode(encoding)
    assert reader.metadata(iim((2, 120, raw)))[Provenance.IPTC] == {"caption": caption}
    exif = Image.Exif()
    exif[0x010E] = raw
    assert reader.metadata(plain(exif=exif))[Provenance.EXIF] == {"caption": caption}


@pytest.mark.parametrize("language", ["sl", "cs", "de", "fr", "sv"])
def test_old_macs_are_told_from_old_windows(language: str) -> None:
    _, caption = CAPTIONS[language]
    mac = "mac_latin2" if language in ("sl", "cs") else "mac_roman"
    candidates = ("cp1250", "cp1252", "mac_roman", "mac_latin2")
    for encoding in (mac, CAPTIONS[language][0]):
        chosen = likely_encoding([caption.encode(encoding)], candidates)
        assert caption.encode(encoding).decode(chosen) == caption


def test_all_texts_of_a_block_are_read_in_one_encoding() -> None:
    """By itself the name reads well both ways; the caption beside it decides."""
    name, caption = "Hélène Jospèr", "Élections législatives à Besançon: le scrutin, très disputé"
    data = iim((2, 80, name.encode("cp1252")), (2, 120, caption.encode("cp1252")))
    fields = FileMediaReader().metadata(data)[Provenance.IPTC]
    assert fields == {"creator": name, "caption": caption}


def test_where_nothing_tells_the_first_counts() -> None:
    for candidates in (("cp1250", "cp1252"), ("cp1252", "cp1250")):
        assert likely_encoding([b"Ljubljana"], candidates) == candidates[0]
        assert likely_encoding([], candidates) == candidates[0]
        assert likely_encoding(["Müller".encode("cp1252")], candidates) == candidates[0]


@pytest.mark.parametrize(
    ("raw", "declared", "expected"),
    [
        ("Kočevj".encode() + "č".encode()[:1], False, "Kočevj"),
        ("Kočevj€".encode()[:-1], False, "Kočevj"),
        (b"Kocevj" + "č".encode()[:1], True, "Kocevj"),
        (b"caf" + "é".encode("cp1252"), False, None),
        ("café Kočevje".encode("cp1250"), True, None),
        (b"\xef\xbb\xbfPtuj", False, "Ptuj"),
        (b"", False, ""),
    ],
)
def test_utf8_that_a_size_limit_cut_is_still_utf8(
    raw: bytes, declared: bool, expected: str | None
) -> None:
    assert unicode_of(raw, declared=declared) == expected


def test_a_keyword_cut_at_64_bytes_is_no_mojibake() -> None:
    whole = "škofjeloški pasijon v živi uprizoritvi na trgu pod gradom ščž" * 2
    raw = whole.encode()[:64]
    assert unicode_of(raw) is not None and raw.decode("utf-8", "ignore") == unicode_of(raw)
    fields = FileMediaReader().metadata(iim(UTF8, (2, 25, raw)))[Provenance.IPTC]
    assert fields["keywords"] == [raw.decode("utf-8", "ignore").strip()]


def test_declared_utf8_that_is_none_falls_back() -> None:
    data = iim(UTF8, (2, 120, "Požar v Kočevju".encode("cp1250")))
    assert FileMediaReader().metadata(data)[Provenance.IPTC]["caption"] == "Požar v Kočevju"


@given(st.binary(max_size=300), st.sampled_from(["cp1250", "cp1252", "mac_roman", "latin-1"]))
def test_any_bytes_are_text_in_the_end(raw: bytes, encoding: str) -> None:
    assert likely_encoding([raw], (encoding, "cp1250")) in (encoding, "cp1250")
    assert isinstance(decode(raw, encoding), str)


def test_the_model_is_small_and_prefers_what_its_words_show() -> None:
    assert MODEL_FILE.stat().st_size < 64 * 1024
    pairs = pair_counts(["čas", "čaj", "kača", "oče"])
    costs = costs_of(pairs, " čaešjkosc")
    frequent, absent = costs[1, 2], costs[2, 3]
    assert frequent < absent
    assert costs[0, 0] == 0
