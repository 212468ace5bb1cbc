"""Writes the pictures of tests/io/data/images and tests/data/data, and what Pillow makes of them.

Every picture NAME.png, .jpg or .webp has a twin with .pam added, with the pixels that decoding must give. Pillow can't write
every kind of PNG, so a small encoder is here too. Where Pillow loses data (16-bit grey is clipped at 255, a transparent
grey is not made an alpha channel), the expected pixels are computed here. Usage: python tools/reference/images.py (Pillow 13, numpy).
"""

import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests"
W, H = 19, 13


def pam(array: np.ndarray) -> bytes:
    """[H, W, C] uint8 as a PAM file (netpbm)."""
    height, width, depth = array.shape
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL 255\nENDHDR\n"
    return head.encode() + array.astype(np.uint8).tobytes()


def picture(channels: int, width: int = W, height: int = H, seed: int = 0) -> np.ndarray:
    """Slopes with some noise, [H, W, C] uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / (width - 1), y * 255 / (height - 1), (x + y) * 255 / (width + height - 2), 255 - x * 9]
    smooth = np.stack(planes[:channels], -1)
    return np.clip(smooth + rng.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)


# ---------------------------------------------------------------------------------------------------------------- PNG
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples: np.ndarray, depth: int) -> bytes:
    out = b""
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            line = row.astype(">u2").tobytes()
        else:
            bits = "".join(f"{v:0{depth}b}" for v in row)
            bits += "0" * (-len(bits) % 8)
            line = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        out += b"\0" + line
    return out


def png(samples: np.ndarray, color_type: int, depth: int, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """[H, W, C] whole numbers below 2^depth; `extra`: chunks between IHDR and IDAT."""
    height, width = samples.shape[:2]
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    raw = b"".join(packed_rows(p, depth) for p in passes if p.size)
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def write_pngs(out: dict) -> None:
    def add(name: str, data: bytes, expected: np.ndarray, mode: str, pillow_agrees: bool = True) -> None:
        out[f"{name}.png"] = data, expected
        if pillow_agrees:
            got = np.asarray(Image.open(io.BytesIO(data)).convert(mode)).reshape(expected.shape)
            assert (got == expected).all(), name

    for depth in (1, 2, 4, 8, 16):
        high = (1 << depth) - 1
        grey = (picture(1).astype(np.uint32) * high + 127) // 255
        if depth == 16:
            grey = grey // 257 * 257 + 200 - grey % 7  # low bytes that matter to whoever would round
            grey = np.minimum(grey, 65535)
        expected = grey >> 8 if depth == 16 else grey * (255 // high)
        add(f"grey{depth}", png(grey, 0, depth), expected, "L", depth != 16)
        add(f"grey{depth}_interlaced", png(grey, 0, depth, True), expected, "L", depth != 16)
        key = int(grey[3, 4, 0])
        keyed = np.concatenate([expected, np.where(grey == key, 0, 255)], -1)
        add(f"grey{depth}_key", png(grey, 0, depth, extra=chunk(b"tRNS", struct.pack(">H", key))), keyed, "LA", False)
    wide = picture(4).astype(np.uint32) * 257
    wide[..., :] = np.minimum(wide + 130, 65535)
    for color_type, channels, mode in ((4, 2, "LA"), (2, 3, "RGB"), (6, 4, "RGBA")):
        add(f"{mode.lower()}8", png(picture(channels), color_type, 8), picture(channels), mode)
        add(f"{mode.lower()}8_interlaced", png(picture(channels), color_type, 8, True), picture(channels), mode)
        add(f"{mode.lower()}16", png(wide[..., :channels], color_type, 16), wide[..., :channels] >> 8, mode)
    rgb = picture(3)
    key = rgb[2, 5]
    keyed = np.concatenate([rgb, np.where((rgb == key).all(-1, keepdims=True), 0, 255)], -1)
    add("rgb8_key", png(rgb, 2, 8, extra=chunk(b"tRNS", struct.pack(">3H", *map(int, key)))), keyed, "RGBA")
    rng = np.random.default_rng(3)
    for depth in (1, 2, 4, 8):
        colors = rng.integers(0, 256, (1 << depth, 3))
        index = rng.integers(0, 1 << depth, (H, W, 1))
        plte = chunk(b"PLTE", colors.astype(np.uint8).tobytes())
        add(f"palette{depth}", png(index, 3, depth, extra=plte), colors[index[..., 0]], "RGB")
        alpha = np.full(1 << depth, 255)
        alpha[:2] = 0, 99
        trns = chunk(b"tRNS", alpha[:2].astype(np.uint8).tobytes())
        seen = np.concatenate([colors[index[..., 0]], alpha[index]], -1)
        add(f"palette{depth}_alpha", png(index, 3, depth, True, plte + trns), seen, "RGBA")
    exif = Image.Exif()
    exif[0x0112] = 6
    tiff = exif.tobytes().removeprefix(b"Exif\0\0")
    add("rotated", png(rgb, 2, 8, extra=chunk(b"eXIf", tiff)), np.rot90(rgb, -1), "RGB", False)


# --------------------------------------------------------------------------------------------------------- JPEG, WebP
def write_jpegs(out: dict) -> None:
    def add(name: str, data: bytes, mode: str) -> None:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert(mode)
        out[f"{name}.jpg"] = data, np.asarray(image).reshape(image.height, image.width, -1)

    def saved(image: Image.Image, **options) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90, **options)
        return buffer.getvalue()

    rgb = Image.fromarray(picture(3))
    add("grey", saved(rgb.convert("L")), "L")
    add("rgb444", saved(rgb, subsampling=0), "RGB")
    add("rgb420", saved(rgb, subsampling=2), "RGB")
    add("progressive", saved(rgb, progressive=True), "RGB")
    add("restart", saved(rgb, restart_marker_blocks=1), "RGB")
    cmyk = saved(Image.fromarray(picture(4), "CMYK"))
    add("cmyk_adobe", cmyk, "RGB")
    adobe = cmyk.index(b"Adobe")
    add("ycck", cmyk[: adobe + 11] + b"\x02" + cmyk[adobe + 12 :], "RGB")
    segment = cmyk.index(b"\xff\xee")
    add("cmyk_plain", cmyk[:segment] + cmyk[segment + 16 :], "RGB")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010F] = "a maker"  # an entry before and one after the orientation
        exif[0x0112] = orientation
        exif[0x0131] = "a program"
        add(f"orientation{orientation}", saved(rgb, exif=exif, subsampling=0), "RGB")


def write_webps(out: dict) -> None:
    def add(name: str, mode: str, image: Image.Image, **options) -> None:
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", **options)
        back = ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue()))).convert(mode)
        out[f"{name}.webp"] = buffer.getvalue(), np.asarray(back)

    exif = Image.Exif()
    exif[0x0112] = 8
    rgb, rgba = Image.fromarray(picture(3)), Image.fromarray(picture(4))
    add("lossy", "RGB", rgb, quality=80)
    add("lossless", "RGB", rgb, lossless=True)
    add("lossy_alpha", "RGBA", rgba, quality=80)
    add("lossless_alpha", "RGBA", rgba, lossless=True, exact=True)
    add("turned", "RGB", rgb, lossless=True, exif=exif)
    add("animation", "RGBA", rgb, lossless=True, save_all=True, append_images=[rgb.rotate(180)], duration=100)


def write_text(folder: pathlib.Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a caf\u00e9\nSteps: 20")
    info.add_text("squeezed", "x" * 1000, zip=True)
    info.add_itxt("json", '{"name": "\u65e5\u672c"}')
    Image.fromarray(picture(3)).save(folder / "text.png", pnginfo=info)
    (folder / "text.png.pam").write_bytes(pam(picture(3)))


# ------------------------------------------------------------------------------------------------------------- resizing
FILTERS = ("nearest", "box", "bilinear", "bicubic", "lanczos")
SIZES = ((16, 16), (37, 23), (61, 40), (10, 23), (37, 9), (1, 1), (5, 41), (36, 24))


def write_resizes(folder: pathlib.Path) -> None:
    """One PAM after another in a file a filter; the source, with alpha, is in source.pam."""
    source = picture(4, 37, 23, seed=5)
    source[6:12, 8:20] = np.random.default_rng(6).integers(0, 2, (6, 12, 4)) * 255  # edges that overshoot
    (folder / "source.pam").write_bytes(pam(source))
    image = Image.fromarray(source)
    white = Image.new("RGB", image.size, "#3366cc")
    white.paste(image, mask=image.getchannel("A"))
    (folder / "on_background.pam").write_bytes(pam(np.asarray(white)))
    grey = np.asarray(image.convert("RGB").convert("L"))[..., None]
    (folder / "grey.pam").write_bytes(pam(grey))
    for name in FILTERS:
        resample = Image.Resampling[name.upper()]
        sizes = [image.convert("RGB").resize(size, resample) for size in SIZES]
        (folder / f"{name}.pam").write_bytes(b"".join(pam(np.asarray(s)) for s in sizes))
    write_fits(folder, image.convert("RGB"))


def write_fits(folder: pathlib.Path, image: Image.Image) -> None:
    """center_crop and pad to several sizes by torchvision's rules: the longer side is cut to a whole number."""
    crops, pads = [], []
    for width, height in ((16, 16), (20, 9), (9, 20), (64, 48)):
        wide = image.width * height > image.height * width
        cover = (image.width * height // image.height, height) if wide else (width, image.height * width // image.width)
        big = image.resize(cover, Image.Resampling.BILINEAR)
        left, top = round((big.width - width) / 2), round((big.height - height) / 2)
        crops.append(big.crop((left, top, left + width, top + height)))
        inner = (width, image.height * width // image.width) if wide else (image.width * height // image.height, height)
        small = image.resize(inner, Image.Resampling.BILINEAR)
        padded = Image.new("RGB", (width, height), "#102030")
        padded.paste(small, (-round((small.width - width) / 2), -round((small.height - height) / 2)))
        pads.append(padded)
    (folder / "center_crop.pam").write_bytes(b"".join(pam(np.asarray(c)) for c in crops))
    (folder / "pad.pam").write_bytes(b"".join(pam(np.asarray(p)) for p in pads))


def main() -> None:
    images = TESTS / "io/data/images"
    images.mkdir(parents=True, exist_ok=True)
    out: dict = {}
    write_pngs(out)
    write_jpegs(out)
    write_webps(out)
    for name, (data, expected) in out.items():
        (images / name).write_bytes(data)
        (images / f"{name}.pam").write_bytes(pam(expected))
    write_text(images)
    transforms = TESTS / "data/data"
    transforms.mkdir(parents=True, exist_ok=True)
    write_resizes(transforms)


if __name__ == "__main__":
    main()
