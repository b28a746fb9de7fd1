"""The manifest of a prompt folder, and what is measured of a WAV. Needs nothing but Python 3.11."""
import array
import hashlib
import math
import sys
import tomllib
import wave
from pathlib import Path

LINE_RATE = 8_000
LOUD = 0.02  # samples over this count as speech when loudness is measured (-34 dBFS)
WANTED_DBFS = -20.0
LICENCE = "Synthetic prompts: voice and model Kokoro-82M v1.0, Apache-2.0; see prompts/NOTICE"
KEYS = ("text", "duration_ms", "loudness_dbfs", "voice", "synthetic", "sha256")


class Fault(Exception):
    """Something the person at the keyboard can mend; its text says how."""


def read_texts(path, language):
    """name -> text, in the order of the file. A line: name <TAB> language <TAB> text; '#' starts a comment line."""
    if not path.exists():
        raise Fault(f"{path} is missing; it holds one prompt a line: name <TAB> {language} <TAB> text")
    texts = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 3 or not all(fields):
            raise Fault(f"{path.name}:{number}: expected name <TAB> language <TAB> text")
        name, spoken_language, text = fields
        if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
            raise Fault(f"{path.name}:{number}: {name!r} is no prompt name (a-z, 0-9, _ and -)")
        if spoken_language != language:
            raise Fault(f"{path.name}:{number}: language {spoken_language}, but the folder is {language}")
        if name in texts:
            raise Fault(f"{path.name}:{number}: {name} is there twice")
        texts[name] = text
    return texts


def measure(path):
    """Length, loudness and checksum of a WAV; a Fault when it is not 8 kHz, 16-bit, mono."""
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getframerate(), file.getsampwidth() * 8, file.getnchannels())
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise Fault(f"{path.name} is no PCM WAV ({error}); {conversion(path)}") from error
    if form != (LINE_RATE, 16, 1):
        raise Fault(f"{path.name} is {form[0]} Hz, {form[1]} bit, {form[2]} channel(s); {conversion(path)}")
    samples = array.array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    loud = [s * s for s in samples if abs(s) > LOUD * 32768]
    if not loud:
        raise Fault(f"{path.name} holds no sound")
    return {
        "duration_ms": round(len(samples) * 1000 / LINE_RATE),
        "loudness_dbfs": round(20 * math.log10(math.sqrt(sum(loud) / len(loud)) / 32768), 1),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def conversion(path):
    return f"expected 8000 Hz, 16 bit, mono: sox {path.name} -r 8000 -c 1 -b 16 new.wav"


class Manifest:
    def __init__(self, path, names, language, voice):
        self.path, self.names, self.language, self.voice = path, list(names), language, voice
        self.hospital = None
        self.prompts = {}

    @classmethod
    def read(cls, path, names, language, voice):
        manifest = cls(path, names, language, voice)
        if not path.exists():
            return manifest
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise Fault(f"{path.name} cannot be read: {error}; delete it and run `prompts/render --manifest`") from error
        manifest.hospital = content.get("hospital")
        for prompt in content.get("prompt", []):
            if all(key in prompt for key in ("name", *KEYS)):
                manifest.prompts[prompt["name"]] = {key: prompt[key] for key in KEYS}
        return manifest

    def describe(self, name, text, measured, is_synthetic=False):
        """Takes a WAV in. It is synthetic when this run rendered it, or when it is, byte for byte, what an earlier run did."""
        before = self.prompts.get(name)
        is_ours = is_synthetic or bool(before and before["synthetic"] and before["sha256"] == measured["sha256"])
        if is_ours and not is_synthetic:
            text = before["text"]
        if abs(measured["loudness_dbfs"] - WANTED_DBFS) > 3:
            print(f"  {name} has {measured['loudness_dbfs']} dBFS; the other prompts have {WANTED_DBFS:.0f}: "
                  f"level it (sox gain) or patients hear a jump", file=sys.stderr)
        self.prompts[name] = {
            "text": text, **measured, "voice": self.voice if is_ours else "recorded", "synthetic": is_ours}
        return self.prompts[name]

    def write(self):
        voices = {entry["voice"] for entry in self.prompts.values() if entry["synthetic"]} or {"recorded"}
        lines = [
            "# What every WAV of this folder says. Written by prompts/render; run `prompts/render --manifest` after changing a WAV.",
            f"language = {quoted(self.language)}",
            f"hospital = {quoted(self.hospital or '')}",
            f"voice = {quoted(', '.join(sorted(voices)))}",
            f"licence = {quoted(LICENCE)}",
        ]
        for name in self.names:
            if name in self.prompts:
                entry = self.prompts[name]
                lines += ["", "[[prompt]]", f"name = {quoted(name)}"]
                lines += [f"{key} = {value(entry[key])}" for key in KEYS]
        part = Path(f"{self.path}.part")
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(self.path)


def value(content):
    if isinstance(content, bool):
        return "true" if content else "false"
    return quoted(content) if isinstance(content, str) else str(content)


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
