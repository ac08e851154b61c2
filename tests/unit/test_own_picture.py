"""A reader's own picture: five formats are read as they are meant, and all else is refused in words."""

import os
import subprocess
import sys
import zlib
from contextlib import suppress

import cv2
import numpy as np
import pytest
from drawn_breasts import drawn_breast
from given_files import color_photo, dicom_file, encoded
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, HTJ2KLossless, JPEG2000Lossless, JPEGBaseline8Bit

from helpers.imaging import dicom, own_picture, picture
from helpers.imaging.picture import PictureError

GRAY = drawn_breast()
DEEP = GRAY.astype(np.uint16) * 13 + 40


def with_an_empty_directory(tiff: bytes) -> bytes:
    """A TIFF file that promises a second picture and tells nothing of it, not even its size."""
    first = int.from_bytes(tiff[4:8], "little")
    end = first + 2 + 12 * int.from_bytes(tiff[first : first + 2], "little")
    return tiff[:end] + len(tiff).to_bytes(4, "little") + tiff[end + 4 :] + bytes(6)


def stretched(values: np.ndarray) -> np.ndarray:
    values = values.astype(float)
    return (values - values.min()) / np.ptp(values) * 255


@pytest.mark.parametrize("suffix", [".pgm", ".png", ".tiff"])
def test_8_bit_files_without_loss_are_read_as_they_are(suffix):
    own = own_picture.read(encoded(GRAY, suffix), f"a{suffix}")
    np.testing.assert_array_equal(own.gray, GRAY)
    assert own.notes == ()


@pytest.mark.parametrize("suffix", [".pgm", ".png", ".tiff"])
def test_16_bit_files_are_stretched_and_say_so(suffix):
    own = own_picture.read(encoded(DEEP, suffix), f"a{suffix}")
    assert np.abs(own.gray - stretched(DEEP)).max() <= 1
    assert "stretched" in own.notes[0]


def test_a_plain_text_pgm_is_read():
    rows = "\n".join(" ".join(map(str, row)) for row in GRAY)
    content = f"P2\n# a comment\n{GRAY.shape[1]} {GRAY.shape[0]}\n255\n{rows}\n".encode()
    np.testing.assert_array_equal(own_picture.read(content, "a.pgm").gray, GRAY)


def test_a_gray_jpeg_in_three_channels_is_no_color_picture():
    content = encoded(cv2.cvtColor(GRAY, cv2.COLOR_GRAY2BGR), ".jpg")
    assert np.abs(own_picture.read(content, "a.jpg").gray.astype(int) - GRAY).mean() < 2


def test_a_mark_in_color_is_no_color_picture_either():
    marked = cv2.circle(cv2.cvtColor(GRAY, cv2.COLOR_GRAY2BGR), (60, 160), 12, (0, 0, 255), 1)
    assert own_picture.read(encoded(marked, ".png"), "a.png").gray.shape == GRAY.shape


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Dear reader,\nthis is a letter.\n" * 20, "found text"),
        (bytes(range(256)) * 4, "found something else"),
        (encoded(GRAY, ".png")[:3000], "cut short or damaged"),
        (encoded(GRAY, ".png")[:20], "damaged"),
        (encoded(GRAY, ".jpg")[:60], "damaged"),
        (b"P5 many pixels", "damaged"),
        (b"II*\x00" + bytes(8), "damaged"),
        (with_an_empty_directory(encoded(GRAY, ".tiff")), "damaged"),
        (encoded(color_photo(), ".jpg"), "found color"),
        (encoded(color_photo(), ".png"), "found color"),
        (encoded(np.full((64, 64), 7, np.uint8), ".png"), "one gray"),
        (encoded(GRAY[:20], ".png"), "at least 32 pixels"),
        (encoded(GRAY.astype(np.float32), ".tiff"), "uint8 or uint16"),
        (b"P5 60000 60000 255\n" + bytes(99), "at most 64,000,000 pixels"),
        (b"P5 8001 8000 255\n" + bytes(99), "found 8001 x 8000"),
    ],
)
def test_what_is_no_mammogram_is_refused_in_words(content, words):
    with pytest.raises(PictureError, match="^mine.dcm: ") as refused:
        own_picture.read(content, "mine.dcm")
    assert words in str(refused.value)


def test_several_pictures_in_one_file_are_refused():
    done, content = cv2.imencodemulti(".tiff", [GRAY, GRAY])
    assert done
    with pytest.raises(PictureError, match="found 2 in one file"):
        own_picture.read(content.tobytes(), "a.tiff")


def test_a_file_that_is_too_large_is_refused_by_its_size_alone():
    own_picture.check_size(own_picture.LARGEST_FILE, "a.dcm")
    with pytest.raises(PictureError, match="at most 100 MB, found 200 MB"):
        own_picture.check_size(200_000_000, "a.dcm")


def test_dicom_without_a_window_is_stretched():
    own = own_picture.read(dicom_file(DEEP), "a.dcm")
    assert np.abs(own.gray - stretched(DEEP)).max() <= 1
    assert "names no window" in own.notes[0]


def test_monochrome1_is_inverted_once():
    own = own_picture.read(dicom_file(DEEP, PhotometricInterpretation="MONOCHROME1"), "a.dcm")
    assert np.abs(own.gray - (255 - stretched(DEEP))).max() <= 1


def test_the_window_is_that_of_the_standard():
    center, width = 1200.0, 1500.0
    own = own_picture.read(dicom_file(DEEP, BitsStored=12, HighBit=11, WindowCenter=center, WindowWidth=width), "a.dcm")
    # PS3.3, C.11.2.1.2.1, on a picture that reaches both ends
    expected = np.clip((DEEP - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    assert expected.min() == 0 and expected.max() == 1
    assert np.abs(own.gray - 255 * expected).max() <= 1


def test_a_lookup_table_wins_over_a_window():
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4096, 0, 16], (np.arange(4096, dtype="<u2")[::-1] * 16).tobytes()
    content = dicom_file(DEEP, BitsStored=12, HighBit=11, VOILUTSequence=[table], WindowCenter=5.0, WindowWidth=9.0)
    assert np.abs(own_picture.read(content, "a.dcm").gray - (255 - stretched(DEEP))).max() <= 1


def test_signed_rescaled_values_keep_their_order():
    signed = DEEP.astype(np.int16) - 1000
    own = own_picture.read(dicom_file(signed, RescaleSlope=2.0, RescaleIntercept=-7.0), "a.dcm")
    assert np.abs(own.gray - stretched(signed)).max() <= 1


def test_padding_is_background():
    padded = DEEP.copy()
    padded[:40] = 65535
    own = own_picture.read(dicom_file(padded, PixelPaddingValue=65535), "a.dcm")
    assert own.gray[:40].max() == 0
    assert np.abs(own.gray[40:] - stretched(DEEP)[40:]).max() <= 2


@pytest.mark.parametrize(
    ("syntax", "pixels"),
    [
        (JPEGBaseline8Bit, encoded(GRAY, ".jpg")),
        (JPEG2000Lossless, encoded(GRAY, ".jp2")),
    ],
)
def test_compressed_pixels_are_decoded(syntax, pixels):
    content = dicom_file(GRAY, syntax=syntax, PixelData=encapsulate([pixels]))
    assert np.abs(own_picture.read(content, "a.dcm").gray - stretched(GRAY)).mean() < 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (dicom_file(GRAY, Modality="CT"), "modality CT"),
        (dicom_file(GRAY, Modality=""), "modality none"),
        (dicom_file(None), "without pixels"),
        (dicom_file(GRAY, PixelData=b""), "without pixels"),
        (dicom_file(GRAY, NumberOfFrames=60), "60 in one file, as tomosynthesis"),
        (dicom_file(GRAY, PhotometricInterpretation="RGB"), "found RGB"),
        (dicom_file(GRAY, Rows=60000, Columns=60000), "at most 64,000,000 pixels"),
        (dicom_file(GRAY, syntax=HTJ2KLossless, PixelData=encapsulate([b"\xff\xd8"])), "is not decoded here"),
        (dicom_file(GRAY, syntax=JPEGBaseline8Bit, PixelData=encapsulate([b"\xff\xd8"])), "damaged"),
        (dicom_file(GRAY, syntax="1.2.3.4"), "damaged"),
        (dicom_file(GRAY)[:900], "damaged"),
        (dicom_file(np.full((64, 64), 7, np.uint16)), "one gray"),
    ],
)
def test_dicom_that_is_no_mammogram_is_refused_in_words(content, words):
    with pytest.raises(PictureError, match="^mine: ") as refused:
        own_picture.read(content, "mine")
    assert words in str(refused.value)
    assert "Doe" not in str(refused.value)


def test_a_deflated_file_is_refused_before_it_is_inflated(monkeypatch):
    monkeypatch.setattr(zlib, "decompress", lambda *_: pytest.fail("inflated"))
    content = dicom_file(GRAY, syntax=DeflatedExplicitVRLittleEndian)
    with pytest.raises(PictureError, match="deflated"):
        own_picture.read(content, "a.dcm")


def test_nothing_of_whom_a_file_shows_is_read(monkeypatch):
    kept = []
    check = dicom._check
    monkeypatch.setattr(dicom, "_check", lambda dataset, name: kept.append(dataset) or check(dataset, name))
    own_picture.read(dicom_file(GRAY), "a.dcm")
    assert "PatientName" not in kept[0] and "Rows" in kept[0]


@given(content=st.binary(max_size=300), mark=st.sampled_from([b"", *own_picture.SIGNATURES, bytes(128) + b"DICM"]))
@settings(deadline=None, max_examples=300)
def test_whatever_the_bytes_the_answer_is_words(content, mark):
    with pytest.raises(PictureError):
        own_picture.read(mark + content, "a")


@given(place=st.integers(132, 1200), value=st.integers(0, 255))
@settings(deadline=None, max_examples=300)
def test_a_damaged_dicom_file_is_read_or_refused_in_words(place, value):
    content = bytearray(dicom_file(GRAY))
    content[place] = value
    with suppress(PictureError):
        own_picture.read(bytes(content), "a")


def test_no_decoder_writes_to_disk(tmp_path):
    """OpenCV would decode by way of a temporary file what it cannot decode from memory; here it has no place to."""
    code = (
        "import numpy as np\n"
        "from given_files import encoded\n"
        "from helpers.imaging import own_picture\n"
        "gray = np.arange(4096, dtype=np.uint8).reshape(64, 64)\n"
        "for suffix in ('.pgm', '.png', '.jpg', '.tiff'):\n"
        "    assert own_picture.read(encoded(gray, suffix), suffix).gray.shape == (64, 64)\n"
    )
    away = str(tmp_path / "not-there")
    environment = os.environ | {"OPENCV_TEMP_PATH": away, "TMPDIR": away, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_film_at_its_largest_is_not_refused():
    assert own_picture.LARGEST_FILE >= 2 * 40_000_000
    assert picture.LARGEST_PICTURE >= 40_000_000
