"""The voice: speaks texts and writes them as 8 kHz, 16-bit, mono WAV. Run by `render`, inside the voice's own venv.

voice.py VOICE_DIR VOICE_NAME LANGUAGE READINGS.tsv < requests > answers; one JSON object a line on both sides.
Request: {"path": "...", "text": "..."}. Answer: {"path": "...", "left_out": ["symbols the voice has no sound for"]}.
"""
import json
import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import onnxruntime as ort
from scipy.signal import resample_poly

VOICE_RATE, LINE_RATE = 24_000, 8_000
SENTENCE_END = {"zh": r"(?<=[。！？；])", "en": r"(?<=[.!?])\s+"}
SENTENCE_PAUSE_S = 0.25
EDGE_S = 0.05  # silence kept before the first and after the last sound of a sentence
LEAD_S = 0.12  # kept before the first loud sample of a prompt, for its breath and soft consonants
FADE_S = 0.01
LOUD = 0.02  # samples over this count as speech when loudness is measured (-34 dBFS)
TARGET_RMS = 10 ** (-20 / 20)
PEAK = 10 ** (-1.5 / 20)
# espeak-ng's symbols for English, turned into those that the model was trained on.
ESPEAK_TO_KOKORO = [
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("ə^ʊ", "Q"), ("o^ʊ", "O"), ("s^s", "S"), ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"), ("aɪ", "I"), ("aʊ", "W"), ("dʒ", "ʤ"), ("eɪ", "A"), ("oʊ", "O"), ("tʃ", "ʧ"), ("ɔɪ", "Y"),
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɐ", "ə"), ("r", "ɹ"), ("x", "k"), ("ʲ", ""), ("ː", ""), ("^", ""),
]


class Speaker:
    def __init__(self, folder, voice, language, readings):
        self.readings = readings
        self.language = language.split("-")[0]
        if self.language not in SENTENCE_END:
            sys.exit(f"voice.py: no pronunciation for {language}; known: {', '.join(SENTENCE_END)}")
        self.vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self.styles = np.fromfile(folder / "voices" / f"{voice}.bin", np.float32).reshape(-1, 256)
        options = ort.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("VOICE_THREADS", "0"))
        self.model = ort.InferenceSession(str(folder / "kokoro.onnx"), options, providers=["CPUExecutionProvider"])
        self.mandarin = None

    def phonemes(self, sentence):
        if self.language == "en":
            return english_phonemes(sentence)
        if self.mandarin is None:
            from misaki.zh import ZHG2P
            teach_readings(self.readings)
            self.mandarin = ZHG2P()
        return self.mandarin(sentence)[0]

    def say(self, text):
        """The speech at the line's rate, and the symbols that had no sound."""
        pieces, left_out = [], set()
        for sentence in filter(str.strip, re.split(SENTENCE_END[self.language], text)):
            symbols = self.phonemes(sentence.strip())
            left_out |= {c for c in symbols if c not in self.vocabulary}
            tokens = [self.vocabulary[c] for c in symbols if c in self.vocabulary][:509]
            inputs = {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": self.styles[len(tokens)].reshape(1, 256),
                "speed": np.array([1.0], np.float32),
            }
            speech = trim(self.model.run(None, inputs)[0].ravel(), VOICE_RATE)
            pieces += [speech, np.zeros(int(SENTENCE_PAUSE_S * VOICE_RATE), np.float32)]
        if not pieces:
            sys.exit(f"voice.py: nothing to say in {text!r}")
        return resample_poly(np.concatenate(pieces[:-1]), LINE_RATE, VOICE_RATE), sorted(left_out)


def teach_readings(path):
    """A line: word <TAB> pinyin with tone numbers. The word stays one word and is read so."""
    import jieba
    from pypinyin import load_phrases_dict
    from pypinyin.contrib.tone_convert import to_tone
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, pinyin = (part.strip() for part in line.partition("\t"))
        syllables = pinyin.split()
        if len(syllables) != len(word):
            sys.exit(f"{path.name}:{number}: {word} has {len(word)} characters, but {len(syllables)} syllables are given")
        jieba.add_word(word, freq=1_000_000)
        load_phrases_dict({word: [[to_tone(syllable)] for syllable in syllables]})


def english_phonemes(text):
    parts = []
    for piece in re.findall(r"[^,.!?;:]+|[,.!?;:]", text):
        if re.match(r"[,.!?;:]", piece):
            parts.append(piece + " ")
        elif piece.strip():
            command = ["espeak-ng", "-q", "-v", "en-us", "--ipa=3", piece]
            ipa = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            ipa = " ".join(ipa.split()).replace("\u200d", "^").replace("_", "")
            for old, new in ESPEAK_TO_KOKORO:
                ipa = ipa.replace(old, new)
            parts.append(ipa)
    return "".join(parts).strip()


def trim(audio, rate):
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    if loud.size == 0:
        sys.exit("voice.py: the model returned silence")
    edge = int(EDGE_S * rate)
    return audio[max(0, loud[0] - edge):loud[-1] + edge]


def level(audio):
    """-20 dBFS RMS over the loud parts; single peaks over -1.5 dBFS are bent, never cut."""
    for _ in range(4):  # the loud parts change a little with the gain: repeat until it settles
        loud = audio[np.abs(audio) > LOUD]
        audio = audio * (TARGET_RMS / np.sqrt(np.mean(loud ** 2)))
        audio = bend_peaks(audio)
    return audio


def shorten_lead(audio):
    """Takes off what stands long before the first loud sample, without a click."""
    start = max(0, np.flatnonzero(np.abs(audio) > LOUD)[0] - int(LEAD_S * LINE_RATE))
    audio = audio[start:].copy()
    fade = int(FADE_S * LINE_RATE)
    audio[:fade] *= np.linspace(0, 1, fade)
    return audio


def bend_peaks(audio):
    knee = PEAK * 0.8
    room = PEAK - knee
    over = np.abs(audio) > knee
    bent = np.sign(audio) * (knee + room * np.tanh((np.abs(audio) - knee) / room))
    return np.where(over, bent, audio)


def write(path, audio):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(LINE_RATE)
        file.writeframes(np.rint(audio * 32767).astype("<i2").tobytes())


def main(folder, voice, language, readings):
    speaker = Speaker(Path(folder), voice, language, Path(readings))
    for line in sys.stdin:
        request = json.loads(line)
        audio, left_out = speaker.say(request["text"])
        write(Path(request["path"]), shorten_lead(level(audio)))
        print(json.dumps({"path": request["path"], "left_out": left_out}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:5])
