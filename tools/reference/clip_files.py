"""Writes tests/pipelines/data/clip/: one small CLIP in the three forms in which CLIP is published.

    python tools/reference/clip_files.py    # needs torch 2.13, transformers 5.24, open_clip_torch 3.3

    transformers/   config.json, pytorch_model.bin, preprocessor_config.json
    open_clip/      open_clip_config.json, open_clip_pytorch_model.bin
    openai.pt       a TorchScript archive as OpenAI's: half precision, storages of a GPU, three numbers among the buffers
    expected.safetensors   pixels, ids, the embeddings and the gradient of sum(image_embeds v) for the pixels; "gelu." are
                           those of the same weights with the other activation

Weights are multiples of 1/8, so that half precision holds them and the files (deflated) are small.
"""

import json
import pathlib
import shutil
import warnings

import torch
from open_clip.model import CLIP
from safetensors.torch import save_file
from torch_files import deflate, move_to_cuda
from transformers import CLIPConfig, CLIPModel

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/pipelines/data/clip"
MODEL_CFG = {
    "embed_dim": 12,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 16, "layers": 2, "width": 64, "patch_size": 8, "mlp_ratio": 2.0},
    "text_cfg": {"context_length": 10, "vocab_size": 40, "width": 64, "heads": 1, "layers": 1},
}
MEAN, STD = [0.5, 0.25, 0.125], [0.5, 0.75, 1.0]


def open_clip_model(quick_gelu=True):
    cfg = {key: value for key, value in MODEL_CFG.items() if key != "quick_gelu"}
    return CLIP(**cfg, quick_gelu=quick_gelu).eval()


def draw_weights(model):
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for key, parameter in model.state_dict().items():
            drawn = torch.randn(parameter.shape, generator=generator) / 8
            if "ln_" in key and key.endswith("weight"):
                drawn = drawn + 1
            if key != "logit_scale":
                parameter.copy_((drawn * 8).round() / 8)
            else:
                parameter.fill_(2.5)


def transformers_model(state, act):
    """The same weights under transformers' names; that both give the same is checked below."""
    vision, text = MODEL_CFG["vision_cfg"], MODEL_CFG["text_cfg"]
    config = CLIPConfig(
        projection_dim=MODEL_CFG["embed_dim"],
        vision_config=dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=1,
                           image_size=16, patch_size=8, hidden_act=act),
        text_config=dict(hidden_size=64, intermediate_size=256, num_hidden_layers=1, num_attention_heads=1,
                         vocab_size=text["vocab_size"], max_position_embeddings=text["context_length"],
                         hidden_act=act, eos_token_id=39),
    )
    assert vision["layers"] == 2
    model = CLIPModel(config).eval()

    def block(theirs, ours):
        for kind in ("weight", "bias"):
            q, k, v = state[f"{theirs}.attn.in_proj_{kind}"].chunk(3)
            for name, part in (("q", q), ("k", k), ("v", v)):
                yield f"{ours}.self_attn.{name}_proj.{kind}", part
            for a, b in (("attn.out_proj", "self_attn.out_proj"), ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"),
                         ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2")):
                yield f"{ours}.{b}.{kind}", state[f"{theirs}.{a}.{kind}"]

    named = {
        "logit_scale": state["logit_scale"],
        "text_model.embeddings.token_embedding.weight": state["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": state["positional_embedding"],
        "vision_model.embeddings.class_embedding": state["visual.class_embedding"],
        "vision_model.embeddings.position_embedding.weight": state["visual.positional_embedding"],
        "vision_model.embeddings.patch_embedding.weight": state["visual.conv1.weight"],
        "visual_projection.weight": state["visual.proj"].T,
        "text_projection.weight": state["text_projection"].T,
    }
    for kind in ("weight", "bias"):
        named[f"text_model.final_layer_norm.{kind}"] = state[f"ln_final.{kind}"]
        named[f"vision_model.pre_layrnorm.{kind}"] = state[f"visual.ln_pre.{kind}"]
        named[f"vision_model.post_layernorm.{kind}"] = state[f"visual.ln_post.{kind}"]
    named.update(block("transformer.resblocks.0", "text_model.encoder.layers.0"))
    for i in range(2):
        named.update(block(f"visual.transformer.resblocks.{i}", f"vision_model.encoder.layers.{i}"))
    model.load_state_dict({key: tensor.clone().contiguous() for key, tensor in named.items()})
    return model


def results(model, pixels, ids, v):
    pixels = pixels.clone().requires_grad_()
    image = model.encode_image(pixels)
    (image * v).sum().backward()
    return {"image_embeds": image, "text_embeds": model.encode_text(ids), "grad_pixels": pixels.grad}


def write_transformers(model, folder):
    folder.mkdir(parents=True)
    model.config.save_pretrained(folder)
    state = model.state_dict()
    # Files of before transformers 4.31 have these.
    state["text_model.embeddings.position_ids"] = torch.arange(10).unsqueeze(0)
    state["vision_model.embeddings.position_ids"] = torch.arange(5).unsqueeze(0)
    torch.save(state, folder / "whole.bin")
    deflate(folder / "whole.bin", folder / "pytorch_model.bin")
    (folder / "whole.bin").unlink()
    processor = {"crop_size": {"height": 16, "width": 16}, "do_normalize": True, "image_mean": MEAN, "image_std": STD,
                 "image_processor_type": "CLIPImageProcessor", "resample": 3, "size": {"shortest_edge": 16}}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=1) + "\n")


def write_open_clip(model, folder):
    folder.mkdir(parents=True)
    preprocess = {"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_mode": "shortest"}
    config = {"model_cfg": MODEL_CFG, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    torch.save(model.state_dict(), folder / "whole.bin")
    deflate(folder / "whole.bin", folder / "open_clip_pytorch_model.bin")
    (folder / "whole.bin").unlink()


def write_openai(model, path, pixels, ids):
    for name, number in (("input_resolution", 16), ("context_length", 10), ("vocab_size", 40)):
        if hasattr(model, name):
            delattr(model, name)
        model.register_buffer(name, torch.tensor(number))
    model.half()
    inputs = {"encode_image": pixels.half()[:1], "encode_text": ids[:1]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = torch.jit.trace_module(model, inputs, check_trace=False)
    script.save(path.with_suffix(".whole"))
    move_to_cuda(path.with_suffix(".whole"), path)
    path.with_suffix(".whole").unlink()


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    model, gelu = open_clip_model(), open_clip_model(quick_gelu=False)
    draw_weights(model)
    gelu.load_state_dict(model.state_dict())
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randn(2, 3, 16, 16, generator=generator)
    v = torch.randn(2, 12, generator=generator)
    ids = torch.randint(1, 38, (3, 10), generator=generator)
    for row, end in enumerate((3, 9, 6)):
        ids[row, end] = 39
        ids[row, end + 1:] = 0
    expected = results(model, pixels, ids, v)
    expected.update({f"gelu.{key}": tensor for key, tensor in results(gelu, pixels, ids, v).items()})

    hf = transformers_model(model.state_dict(), "quick_gelu")
    torch.testing.assert_close(hf.get_image_features(pixels).pooler_output, expected["image_embeds"])
    torch.testing.assert_close(hf.get_text_features(ids).pooler_output, expected["text_embeds"])
    write_transformers(hf, OUT / "transformers")
    write_open_clip(model, OUT / "open_clip")
    write_openai(model, OUT / "openai.pt", pixels, ids)
    expected.update(pixels=pixels, ids=ids, v=v)
    save_file({key: tensor.detach().contiguous() for key, tensor in expected.items()}, OUT / "expected.safetensors")
    (OUT / "expected.safetensors").chmod(0o644)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
