"""Writes tests/models/data/clip_tokenizer: a small vocabulary of CLIP's form, and what the references make of hard texts.

A case has the ids of open_clip; those of transformers where they differ, the cleaned text where it differs from the text, and
what transformers decodes for every fourth. The vocabulary is trained on the names of Unicode's characters (unicode-data) and on a few sentences. merges.txt serves
transformers and open_clip alike, both skip its first line. Usage: python tools/reference/clip_tokenizer.py [open_clip's
tokenizer.py] (open_clip_torch 3.3.0, ftfy 6.3.1, transformers 5.24.0, tokenizers 0.23.3).
"""

import functools
import gzip
import html.entities
import importlib.util
import json
import pathlib
import re
import sys
import tempfile
import zlib

import ftfy
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/models/data/clip_tokenizer"
NAMES = pathlib.Path("/usr/share/unicode/NamesList.txt")
MERGES = 260

SENTENCES = """a photo of a red rose in the garden, it's a painting of a cat and two dogs; don't they've we're I'm you'll she'd
ein Foto von einer Straße in München, une photo d'été à la plage, фото красной розы в саду, μια φωτογραφία της θάλασσας,
赤い薔薇の写真 写真 写真, 一只红色的猫 照片 照片, 빨간 장미 사진 사진, صورة وردة حمراء صورة, תמונה של ורד אדום, ภาพถ่ายของดอกกุหลาบ ภาพ,
लाल गुलाब की तस्वीर तस्वीर, a portrait, highly detailed, 4k, 8k, trending on artstation, oil on canvas, :) :-) ... !!! ---"""

TEXTS = [
    "", " ", " \t\n\r\v\f ", "a photo of a cat", "A PHOTO OF A Cat", "hello,world!!!", "  two   spaces\tand\ttabs\n",
    # English endings, apostrophes, digits
    "it's IT'S don't DON'T they're We've I'm I'LL she'd", "'s 't 're 've 'm 'll 'd", "''s '''t 'x' o'clock", "'sun 'the 'red",
    "it\u2019s \u2018quoted\u2019 \u201cdouble\u201d \u201alow\u201b \u201elow\u201f", "rock\u02bcn\u02bcroll", "0123456789 3.14 1,000 4k 8K x2y",
    "\u0661\u0662\u0663 \u0967\u0968 \u2167 \u2177 \u00bd \u00b2 \u2460 \u24b6\u24d0 \u3007 \U0001d7d8", "'\u017f '\u017fun \u212aelvin \u212bngstr\u00f6m",
    # case
    "\u0130stanbul \u0131s\u0131 I\u0307", "Stra\u00dfe STRASSE STRA\u1e9eE", "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3 \u03a3\u0391\u03a3. \u0391\u03a3\u0301 \u0391\u0301\u03a3 \u0391'\u03a3 \u0391\u03a3'\u0392 \u0391.\u03a3",
    "\u01c4 \u01c5 \u01c6 \u01c7\u01ca\u01f1", "\u0410\u0411\u0412\u0401 \u0531\u0532 \u10a0\u1c90 \u13a0\uab70 \U00010400",
    # accents, composed and not; marks
    "caf\u00e9 cafe\u0301 CAF\u00c9 CAFE\u0301", "a\u0323\u0302 a\u0302\u0323 \u1ead \u1e69 s\u0323\u0307 s\u0307\u0323", "\u0344 \u0958 \u2126 \u1100\u1161\u11a8 \uac01",
    "\u03b1\u0345 \u1fb3 \u0345x x\u0345y !\u0345!", "Z\u0351\u036b\u0343a\u0363\u0369lg\u0361\u035eo\u033c", "\u0301alone e\u20dd 1\ufe0f\u20e3",
    # emoji
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f44d\U0001f3fd\U0001f44d\U0001f3ff", "\U0001f3f3\ufe0f\u200d\U0001f308\U0001f1e9\U0001f1ea\U0001f1ef\U0001f1f5 \u2764\ufe0f \u263a",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f end", "a\U0001f600b\U0001f600\U0001f600c!\U0001f600",
    # scripts
    "\u65e5\u672c\u8a9e\u306e\u8d64\u3044\u8594\u8587\u3001\u5199\u771f\u3002", "\u4e2d\u6587\u7ea2\u8272 \u7684\u732b\U00020000", "\ube68\uac04 \uc7a5\ubbf8 \uc0ac\uc9c4", "\u0635\u0648\u0631\u0629 \u0648\u0631\u062f\u0629\u060c \u062d\u064e\u0645\u0631\u0627\u0621\u061f \ufdfa \ufefb",
    "\u05ea\u05de\u05d5\u05e0\u05d4 \u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd \u202babc\u202c", "\u0e20\u0e32\u0e1e\u0e16\u0e48\u0e32\u0e22\u0e02\u0e2d\u0e07 \u0e17\u0e33", "\u0928\u092e\u0938\u094d\u0924\u0947 \u0915\u094d\u0937\u093f \u0967", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u1019\u103c\u1014\u103a\u1019\u102c \u1781\u17d2\u1798\u17c2\u179a",
    "mixed\u0441\u043c\u0435\u0441\u044c\u6df7\u5408\u0e1c\u0e2a\u0e21123abc", "\u044f\u0301blo\u0301ko na\u00efve \u0153uvre",
    # width, ligatures, signs
    "\uff21\uff22\uff23\u3000\uff11\uff12\uff01\uff5e", "\uff76\uff9e\uff77\uff9e \uff8a\uff9f \uffe3\uffe5\uffe6 \uffa1\uffc2", "\ufb01x \ufb02y o\ufb03ce ba\ufb04e \ufb05 \ufb06 \u0149 \u0132 \u0133", "\ufb20 \ufb13 \ufb49",
    "$5 \u20ac6 \u00a37 \u00a58 \u20b99 \u20bf1 \u00a2", "a_b-c/d\\e|f~g`h^i{j}k[l]m", "\u2014 \u2013 \u2026 \u2022 \u00b7 \u00a7 \u00b6 \u00a9 \u00ae \u2122", "\u2211 \u222b \u221e \u2260 \u00b1 \u00d7 \u00f7",
    # white space and what can't be seen
    "a\tb\nc\x0bd\x0ce\rf\x1cg\x1dh\x1ei\x1fj k", "a\u00a0b\u1680c\u2000d\u2001e\u2002f\u2003g\u2004h\u2005i\u2006j\u2007k\u2008l\u2009m\u200an", "a\u2028b\u2029c\u202fd\u205fe\u3000f",
    "a\u0085b", "a\u180eb\u200bc\u200cd\u200de\u200ef\u2060g\u00adh", "\ufeffbom a\ufeffb \ufff9\ufffa\ufffb\ufffc \u206a\u206f", "one\r\ntwo\r\n\r\nthree\rfour", "nul\x00in\x00side \x01\x02\x07\x08\x7f",
    "\x1b[31mred\x1b[0m \x1b[1;32;40mx\x1b[K \x1b[31 y \x1b[;;m \x1b[\u0661mz", "\x80\x99\x9d \x93quoted\x94", "\ufffd \ue000 \U0010fffd \ufdd0 \ufffe",
    # character references
    "&amp; &lt;b&gt; &quot;q&quot; &#39;s &apos;", "fish &amp chips &copy2024 &notit; &notin; &not", "&amp;amp;amp;amp;lt;", "&ampamp; &ampeacute;", "&eacute;&EACUTE; P&EACUTE;REZ &SZLIG; &szlig; &ffilig; &FFILIG; &napos; &NAPOS;",
    "&#65;&#x42;&#X43; &#0065 &#x0042z", "&#128;&#x80; &#145;&#146; &#129;", "&#0; &#xD800; &#xDFFF; &#x110000; &#99999999999999999999;", "&#1; &#11; &#x1f; &#127; &#xFDD0; &#xFFFE; &#x1FFFF; &#13; &#10; &#9;x",
    "& &; &# &#; &#x; &#xg; &#12ab; &#x3b; &#59;", "&CounterClockwiseContourIntegral; &ThickSpace; &acE; &fjlig; &FJLIG; &bne; &nbsp;x&NBSP;y", "&abcdefghijklmnopqrstuvwxyz; &ampabcdefghijklmnopqrstuvwxyzabcdefgh;", "a < b &amp; c", "first &eacute;\nsecond < &eacute;\nthird &EACUTE; &eacute;",
    "&lt;start_of_text&gt; &lt;|endoftext|&gt;", "&Hat;&ETH;&eth;&THORN;&GT;&GTRSIM;&gtrsim;", "&NewLine;&Tab;x &zwj;&shy;y", "&hellip;&ldquo;x&rdquo;&lsquo;&rsquo; &ApplyFunction;",
    # special tokens written in the text
    "<|startoftext|>", "<|endoftext|>", "a <|startoftext|>b<|endoftext|> c", "<|STARTOFTEXT|> <|EndOfText|>!", "!<|STARTOFTEXT|>!", "x<|startoftext|<|endoftext|>|>", "<start_of_text>", "a <start_of_text>b<end_of_text> c", "<START_OF_TEXT> <\u017ftart_of_text>",
    "e<|endoftext|>\u0301 \u0391\u03a3<|endoftext|>\u0392", "<br> <b>bold</b> <|other|>",
    # length
    *("7" * n for n in (75, 76, 77)), *("cat " * n for n in (24, 60)), "a" * 300, "ab" * 200, "\u00e9" * 50, "!" * 200, "pneumonoultramicroscopicsilicovolcanoconiosis" * 2,
]


def open_clip_tokenizer(path):
    """The module by itself: the package imports torchvision too."""
    spec = importlib.util.spec_from_file_location("open_clip_tokenizer", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def train(open_clip):
    """Merges whose products are all different, so that every token has one origin."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    names = [line.split("\t")[1] for line in NAMES.read_text(encoding="utf-8", errors="replace").splitlines() if re.match(r"[0-9A-F]{4}\t", line)]
    text = names[::40] + SENTENCES.split("\n") * 12
    words = [word for line in text for word in re.findall(r"\w+|[^\w\s]+", line)]
    alphabet = list(open_clip.bytes_to_unicode().values())
    trainer = trainers.BpeTrainer(vocab_size=512 + 2 * MERGES, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False)
    tokenizer.train_from_iterator(words, trainer)
    known, merges = set(alphabet) | {symbol + "</w>" for symbol in alphabet}, []
    for merge in json.loads(tokenizer.to_str())["model"]["merges"]:
        if "".join(merge) not in known and set(merge) <= known and len(merges) < MERGES:
            known.add("".join(merge))
            merges.append(tuple(merge))
    return alphabet, merges


def open_clip_ids(open_clip, folder):
    def make(text, name):
        path = folder / name
        path.write_bytes(gzip.compress(text.encode()))
        return open_clip.SimpleTokenizer(bpe_path=str(path))

    text = (OUT / "merges.txt").read_text(encoding="utf-8")
    return make(text, "bpe.gz"), make(text + "\n", "newline.gz")


def digest(texts):
    return zlib.crc32("\n".join(texts).encode())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    default = pathlib.Path(sys.executable).parents[1] / "lib/python3.11/site-packages/open_clip/tokenizer.py"
    open_clip = open_clip_tokenizer(sys.argv[1] if len(sys.argv) > 1 else default)
    alphabet, merges = train(open_clip)
    tokens = alphabet + [symbol + "</w>" for symbol in alphabet] + ["".join(merge) for merge in merges]
    vocab = {token: i for i, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}
    (OUT / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (OUT / "merges.txt").write_text("\n".join(lines), encoding="utf-8")  # a line feed at the end would take an id in open_clip
    transformers = CLIPTokenizer(vocab, merges)
    backend = json.loads(transformers.backend_tokenizer.to_str())
    (OUT / "tokenizer.json").write_text(json.dumps(backend, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        simple, with_newline = open_clip_ids(open_clip, pathlib.Path(folder))
    mojibake_kept = functools.partial(ftfy.fix_text, fix_encoding=False)
    cases = []
    for text in TEXTS:
        assert ftfy.fix_text(text) == mojibake_kept(text), ascii(text)
        ids = simple(text)[0].tolist()[:len(simple.encode(text)) + 2]
        hf = transformers(text, truncation=True, max_length=77)["input_ids"]
        case = {"text": text, "ids": ids}
        if simple.clean_fn(text) != text:
            case["cleaned"] = simple.clean_fn(text)
        if hf != ids:
            case["transformers"] = hf
        if len(cases) % 4 == 0:
            case["decoded"] = transformers.decode(hf)
        cases.append(case)
    names = sorted(name[:-1] for name in html.entities.html5 if name.endswith(";"))
    expected = {
        "special": {"open_clip": simple.all_special_ids, "open_clip_newline": with_newline.all_special_ids,
                    "transformers": [transformers.bos_token_id, transformers.eos_token_id, transformers.pad_token_id]},
        "entities": {"count": len(names), "html": digest(html.unescape(f"&{name};&{name} ") for name in names),
                     "ftfy": digest(ftfy.fixes.unescape_html(f"&{name};&{name.upper()};") for name in names)},
        "cases": cases,
    }
    (OUT / "expected.json").write_text(json.dumps(expected, ensure_ascii=True, separators=(",", ":")).replace('{"text"', '\n{"text"') + "\n")
    print(len(merges), "merges,", len(cases), "texts")


if __name__ == "__main__":
    main()
