"""The code of the scanner's self-test, and what to set on a keyboard scanner."""

# Signs, figures and letters that other keyboards have elsewhere, in both cases, and the separator;
# no character stands twice in a row, so that doubled ones are seen.
TEST_CODE = "Test:AqWzMy/0123456789-a.B\x1dEnd"
SHOWN_CODE = TEST_CODE.replace("\x1d", "[GS]")

STEPS = (
    (
        "Keyboard layout",
        "US, on the scanner and on the tablet",
        "Else signs and some letters come as others, in coil numbers and suppliers' codes.",
    ),
    ("Suffix", "CR (Enter)", "The end of line says at once that the code is whole."),
    (
        "AIM id",
        "on, before the code",
        "]C1, ]d2 or ]Q3 tell a GS1 code from any other for certain.",
    ),
    (
        "Separator GS (FNC1, character 29)",
        "as Ctrl+], or as {GS}",
        "A tablet drops the bare control character, and then lot and serial run together.",
    ),
    ("Caps Lock", "override, or ignored", "Capitals stay capitals whatever the tablet's key says."),
    (
        "Inter-character delay",
        "none; 5 to 10 ms if characters are lost or doubled",
        "Radios and busy tablets lose keys that come too fast. More than 50 ms reads as fingers.",
    ),
    ("Several codes in one scan", "off", "Each code is a scan of its own."),
    (
        "Prefix",
        "none",
        "Two scanners near one tablet: up to 8 characters, kept on its test page; it is enforced.",
    ),
    (
        "Built-in scanners of Android devices",
        "keystroke output, Enter behind the code, also “send characters as events”",
        "Without it some send nothing but Enter.",
    ),
)
