"""Writes tests/models/data/clip.{json,safetensors}: what transformers' CLIPModel gives for small configurations.

    python tools/reference/clip.py    # needs torch 2.13, transformers 5.24 and safetensors

Weights are not stored. Every parameter but logit_scale is drawn from one generator, in the order of the state_dict:

    0.1 randn            biases
    1 + 0.2 randn        weights of norms
    randn / sqrt(n)      all else, n = elements of a row (of the whole, if it has no rows)

Of a configuration NAME the files hold: its config.json, the keys of its state_dict; pixels, ids, v_image, v_text, the
embeddings, and of sum(image_embeds v_image) + sum(text_embeds v_text) the gradient of the pixels, and for each
parameter a digest of its gradient (tools/reference/unet_2d.py says which).
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel
from unet_2d import projections

VISION = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3, image_size=16,
              patch_size=4)
TEXT = dict(hidden_size=20, intermediate_size=44, num_hidden_layers=3, num_attention_heads=2, vocab_size=60,
            max_position_embeddings=12, pad_token_id=59, bos_token_id=58, eos_token_id=59)

# name: (configuration, pictures)
CONFIGS = {
    "quick_gelu": (dict(projection_dim=12, vision_config=VISION, text_config=TEXT), 2),
    "gelu": (
        dict(
            projection_dim=33,
            logit_scale_init_value=3.5,
            vision_config=dict(VISION, hidden_act="gelu", patch_size=5, image_size=17, layer_norm_eps=1e-3),
            text_config=dict(TEXT, hidden_act="gelu", hidden_size=32, num_attention_heads=4, eos_token_id=2),
        ),
        1,
    ),
    "mixed": (
        dict(
            projection_dim=5,
            vision_config=dict(VISION, num_channels=1, num_hidden_layers=1, patch_size=2, num_attention_heads=1),
            text_config=dict(TEXT, hidden_act="gelu", eos_token_id=41),
        ),
        5,
    ),
}


def draw_weights(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, parameter in model.state_dict().items():
            if key == "logit_scale":
                continue
            drawn = torch.randn(parameter.shape, generator=generator)
            if key.endswith(".bias"):
                drawn = 0.1 * drawn
            elif "norm" in key or "layrnorm" in key:
                drawn = 1 + 0.2 * drawn
            else:
                row = parameter.numel() // parameter.shape[0] if parameter.dim() > 1 else parameter.numel()
                drawn = drawn / row**0.5
            parameter.copy_(drawn)


def texts(config, generator):
    """Texts that end at different places, with numbers behind the end; 41 is both word and end in "mixed"."""
    ids = torch.randint(3, 40, (3, 12), generator=generator)
    ids[:, 0] = 58
    end = 59 if config.eos_token_id == 2 else config.eos_token_id
    for row, place in enumerate((4, 11, 7)):
        ids[row, place:] = end
        ids[row, place + 2:] = 7
    return ids


def run(arguments, pictures, seed):
    config = CLIPConfig(**arguments)
    model = CLIPModel(config).eval()
    draw_weights(model, seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    vision = config.vision_config
    pixels = torch.randn(pictures, vision.num_channels, vision.image_size, vision.image_size, generator=generator)
    pixels.requires_grad_()
    ids = texts(config.text_config, generator)
    image_embeds = model.get_image_features(pixels).pooler_output
    text_embeds = model.get_text_features(ids).pooler_output
    v_image = torch.randn(image_embeds.shape, generator=generator)
    v_text = torch.randn(text_embeds.shape, generator=generator)
    ((image_embeds * v_image).sum() + (text_embeds * v_text).sum()).backward()
    parameters = dict(model.named_parameters())
    gradients = torch.stack(
        [projections(torch.zeros(1) if parameters[key].grad is None else parameters[key].grad)
         for key in model.state_dict()]
    )
    tensors = dict(pixels=pixels, ids=ids, v_image=v_image, v_text=v_text, image_embeds=image_embeds,
                   text_embeds=text_embeds, grad_pixels=pixels.grad, gradients=gradients)
    about = {"seed": seed, "config": json.loads(config.to_json_string()), "keys": list(model.state_dict())}
    return about, tensors


def main():
    folder = pathlib.Path(__file__).parents[2] / "tests" / "models" / "data"
    about, tensors = {}, {}
    for seed, (name, (arguments, pictures)) in enumerate(CONFIGS.items()):
        about[name], part = run(arguments, pictures, seed)
        tensors.update({f"{name}/{key}": tensor.detach().contiguous() for key, tensor in part.items()})
    (folder / "clip.json").write_text(json.dumps(about, indent=1) + "\n")
    save_file(tensors, folder / "clip.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
