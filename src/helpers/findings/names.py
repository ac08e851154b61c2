"""What networks and protocols are called in a sentence."""

NAMES = {"baseline_cnn": "the baseline CNN", "icnt": "ICNT", "iiv3": "IIV3"}
PROTOCOLS = {"patient_grouped": "patient-grouped", "as_published": "published"}
