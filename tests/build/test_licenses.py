import pytest

from build import licenses
from build.licenses import Component


def test_every_component_is_indexed_and_followed_by_its_texts():
    text = licenses.render(
        [Component("zlib 1", ("Z licence",)), Component("Botocore 2", (" A\n", "B notice"))]
    )
    assert text.index("  Botocore 2\n  zlib 1\n") < text.index("A\n\nB notice\n")
    assert text.index("B notice") < text.index("Z licence")
    assert text.count("=" * 78) == 4


def test_text_is_the_same_in_any_order():
    parts = [Component(f"c{number}", (str(number),)) for number in range(5)]
    assert licenses.render(parts) == licenses.render(reversed(parts))


def test_library_whose_licence_nobody_knows_stops_the_build(tmp_path, monkeypatch):
    library = tmp_path / "libstrange.so.1"
    library.touch()
    monkeypatch.setattr(licenses, "_ask", lambda *words: "")
    with pytest.raises(licenses.LicenceError, match=r"the licence of .*libstrange\.so\.1"):
        list(licenses._system_libraries([library]))


def test_program_that_is_not_installed_has_no_answer():
    assert licenses._ask("no-such-program-at-all") == ""
