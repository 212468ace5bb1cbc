"""Writes tests/models/data/unet_2d.{json,safetensors}: what diffusers' UNet2DModel gives for small configurations.

    python tools/reference/unet_2d.py    # needs torch, diffusers 0.42 and safetensors

Weights are not stored: a network is initialised by its seed, which mezzotint does the same way, and then every
parameter of rank 1 (biases and the scales and shifts of norms, many of them 0 or 1 at first) is moved by

    p[i] += 0.25 sin(i + k),   k = the parameter's index in the state_dict.

Of a configuration NAME the files hold: its keyword arguments, its saved config.json, the keys of its state_dict;
x, t, labels (if any), v, the output y, the gradient of sum(y v) for x; and for each parameter the first, the last and
the sum of its initial values (`init`) and a digest of its gradient: its norm and 6 projections, on

    d_j[i] = sqrt(2) cos(0.37 (j + 1) i + j).
"""

import json
import math
import pathlib

import torch
from diffusers import UNet2DModel
from safetensors.torch import save_file

PROJECTIONS = 6
DDPM = dict(downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6, attention_head_dim=None)
SIX_BLOCKS = dict(
    block_out_channels=(8, 8, 16, 16, 32, 32),
    down_block_types=("DownBlock2D",) * 4 + ("AttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "AttnUpBlock2D") + ("UpBlock2D",) * 4,
)
TWO_BLOCKS = dict(
    block_out_channels=(8, 16),
    down_block_types=("DownBlock2D", "AttnDownBlock2D"),
    up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    layers_per_block=1,
    norm_num_groups=4,
)

# name: (keyword arguments, shape of x)
CONFIGS = {
    "celebahq_256_like": (dict(**SIX_BLOCKS, **DDPM, sample_size=32, norm_num_groups=4), (1, 3, 32, 32)),
    "cifar10_32_like": (
        dict(
            **DDPM,
            sample_size=16,
            block_out_channels=(16, 32, 32, 32),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=8,
        ),
        (2, 3, 16, 16),
    ),
    "butterflies_128_like": (dict(**SIX_BLOCKS, sample_size=64, norm_num_groups=4), (1, 3, 64, 64)),
    "course_mnist": (
        dict(
            sample_size=28,
            in_channels=5,
            out_channels=1,
            block_out_channels=(32, 64, 64),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        ),
        (2, 5, 28, 28),
    ),
    "ncsnpp_like": (
        dict(
            sample_size=16,
            block_out_channels=(32, 32, 32),
            down_block_types=("SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipDownBlock2D"),
            up_block_types=("SkipUpBlock2D", "AttnSkipUpBlock2D", "SkipUpBlock2D"),
            time_embedding_type="fourier",
            norm_num_groups=None,
            attention_head_dim=None,
            mid_block_scale_factor=math.sqrt(2),
            norm_eps=1e-6,
        ),
        (2, 3, 16, 16),
    ),
    "skip_mixed": (
        dict(
            block_out_channels=(8, 16, 32),
            down_block_types=("SkipDownBlock2D", "SkipDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("UpBlock2D", "SkipUpBlock2D", "SkipUpBlock2D"),
            layers_per_block=1,
            norm_num_groups=4,
        ),
        (2, 3, 8, 8),
    ),
    "rectangular": (dict(**TWO_BLOCKS, sample_size=(8, 20)), (2, 3, 8, 20)),
    "one_channel": (dict(**TWO_BLOCKS, in_channels=1, out_channels=1), (3, 1, 10, 6)),
    "learned_variance": (dict(**TWO_BLOCKS, out_channels=6), (1, 3, 8, 8)),
    "scale_shift": (dict(**TWO_BLOCKS, resnet_time_scale_shift="scale_shift", dropout=0.1), (2, 3, 8, 8)),
    "scale_shift_attn_groups": (
        dict(
            **TWO_BLOCKS,
            resnet_time_scale_shift="scale_shift",
            attn_norm_num_groups=2,
            mid_block_scale_factor=2.0,
            time_embedding_dim=24,
            center_input_sample=True,
            attention_head_dim=5,
        ),
        (2, 3, 8, 8),
    ),
    "resnet_samplers": (
        dict(
            block_out_channels=(8, 8, 16),
            down_block_types=("ResnetDownsampleBlock2D", "AttnDownBlock2D", "DownBlock2D"),
            up_block_types=("AttnUpBlock2D", "ResnetUpsampleBlock2D", "UpBlock2D"),
            downsample_type="resnet",
            upsample_type="resnet",
            layers_per_block=1,
            norm_num_groups=4,
        ),
        (2, 3, 8, 8),
    ),
    "class_table": (dict(**TWO_BLOCKS, num_class_embeds=10), (2, 3, 8, 8)),
    "class_timestep": (dict(**TWO_BLOCKS, class_embed_type="timestep"), (2, 3, 8, 8)),
    "class_identity": (dict(**TWO_BLOCKS, class_embed_type="identity"), (2, 3, 8, 8)),
    "learned_time": (dict(**TWO_BLOCKS, time_embedding_type="learned", num_train_timesteps=50), (2, 3, 8, 8)),
    "odd_numbers": (
        dict(
            block_out_channels=(9, 15),
            down_block_types=("UNetResAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "UNetResAttnUpBlock2D"),
            layers_per_block=3,
            norm_num_groups=3,
            norm_eps=1e-3,
            act_fn="mish",
            attention_head_dim=3,
        ),
        (3, 3, 6, 10),
    ),
    "no_middle": (dict(**TWO_BLOCKS, mid_block_type=None, act_fn="gelu"), (2, 3, 8, 8)),
    "no_middle_attention": (dict(**TWO_BLOCKS, add_attention=False, attention_head_dim=16), (2, 3, 8, 8)),
    "one_block": (
        dict(
            block_out_channels=(8,),
            down_block_types=("AttnDownBlock2D",),
            up_block_types=("AttnUpBlock2D",),
            norm_num_groups=8,
        ),
        (1, 3, 7, 5),
    ),
}


def labels_for(kwargs: dict, batch: int, model: UNet2DModel, generator: torch.Generator):
    if kwargs.get("class_embed_type") == "timestep":
        return torch.arange(batch) * 3 + 1
    if kwargs.get("class_embed_type") == "identity":
        return torch.randn(batch, model.time_embedding.linear_2.out_features, generator=generator)
    return torch.arange(batch) * 4 + 3 if kwargs.get("num_class_embeds") else None


def timesteps_for(kwargs: dict, batch: int) -> torch.Tensor:
    if kwargs.get("time_embedding_type") == "fourier":
        return torch.tensor([0.35, 11.0])[:batch]
    if kwargs.get("time_embedding_type") == "learned":
        return torch.tensor([49, 0])[:batch]
    return torch.tensor([7, 981, 500])[:batch]


def projections(gradient: torch.Tensor) -> torch.Tensor:
    g = gradient.double().flatten()
    i = torch.arange(g.numel(), dtype=torch.float64)
    along = [(g * math.sqrt(2) * torch.cos(0.37 * (j + 1) * i + j)).sum() for j in range(PROJECTIONS)]
    return torch.stack([g.norm(), *along])


def run(name: str, kwargs: dict, shape: tuple, seed: int) -> tuple[dict, dict]:
    torch.manual_seed(seed)
    model = UNet2DModel(**kwargs).eval()
    state = model.state_dict()
    init = torch.stack(
        [torch.stack([p.flatten()[0].double(), p.flatten()[-1].double(), p.double().sum()]) for p in state.values()]
    )
    with torch.no_grad():
        for k, p in enumerate(state.values()):
            if p.dim() == 1:
                p += 0.25 * torch.sin(torch.arange(p.numel(), dtype=torch.float64) + k)
    generator = torch.Generator().manual_seed(1000 + seed)
    x = torch.randn(shape, generator=generator).requires_grad_()
    t = timesteps_for(kwargs, shape[0])
    labels = labels_for(kwargs, shape[0], model, generator)
    y = model(x, t, class_labels=labels).sample
    v = torch.randn(y.shape, generator=generator)
    (y * v).sum().backward()
    parameters = dict(model.named_parameters())
    gradients = torch.stack(
        [projections(torch.zeros(1) if parameters[key].grad is None else parameters[key].grad) for key in state]
    )
    tensors = {"x": x, "t": t, "v": v, "y": y, "grad_x": x.grad, "init": init, "gradients": gradients}
    if labels is not None:
        tensors["labels"] = labels
    saved = json.loads(model.to_json_string())
    about = {"seed": seed, "arguments": kwargs, "saved": saved, "keys": list(state)}
    return about, {f"{name}/{key}": tensor.detach().contiguous() for key, tensor in tensors.items()}


def main() -> None:
    folder = pathlib.Path(__file__).parents[2] / "tests" / "models" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    about, tensors = {}, {}
    for seed, (name, (kwargs, shape)) in enumerate(CONFIGS.items()):
        about[name], part = run(name, kwargs, shape, seed)
        tensors.update(part)
    (folder / "unet_2d.json").write_text(json.dumps(about, indent=1) + "\n")
    save_file(tensors, folder / "unet_2d.safetensors")
    print(f"{len(CONFIGS)} configurations")


if __name__ == "__main__":
    main()
