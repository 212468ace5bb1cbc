"""Samples pipelines of random configurations with diffusers and with mezzotint, and compares every step.

Run with torch 2.13 and diffusers 0.42.1: python tools/reference/random_pipelines.py [--mezzotint PATH] [FIRST [COUNT]]
FIRST is the seed of the first configuration; one that fails is named by its seed. Half a second each.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

import torch
from diffusers import DDIMPipeline, DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-3  # of a tensor's largest value: early predictions of x0 magnify rounding a hundredfold


def random_unet(pick):
    levels = pick.choice([1, 2, 3])
    groups = pick.choice([4, 8, 16])
    head = pick.choice([None, 4, groups])
    multiple = 2 ** (levels - 1)
    channels = pick.choice([1, 3, 4])
    fields = {
        "sample_size": (multiple * pick.randint(2, 6), multiple * pick.randint(2, 6)),
        "in_channels": channels,
        "out_channels": channels,
        "layers_per_block": pick.choice([1, 2, 3]),
        "block_out_channels": tuple(groups * pick.choice([1, 2, 3, 4]) for _ in range(levels)),
        "down_block_types": tuple(pick.choice(["DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D"])
                                  for _ in range(levels)),
        "up_block_types": tuple(pick.choice(["UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"])
                                for _ in range(levels)),
        "norm_num_groups": groups,
        "attention_head_dim": head,
        "act_fn": pick.choice(["silu", "swish", "mish", "gelu", "relu"]),
        "center_input_sample": pick.random() < 0.3,
        "flip_sin_to_cos": pick.random() < 0.5,
        "freq_shift": pick.choice([0, 1]),
        "downsample_padding": pick.choice([0, 1]),
        "mid_block_scale_factor": pick.choice([1, 1.414]),
        "norm_eps": pick.choice([1e-5, 1e-6]),
        "resnet_time_scale_shift": pick.choice(["default", "scale_shift"]),
        "add_attention": pick.random() < 0.7,
        "downsample_type": pick.choice(["conv", "resnet"]),
        "upsample_type": pick.choice(["conv", "resnet"]),
        "attn_norm_num_groups": pick.choice([None, groups]),
        "time_embedding_dim": pick.choice([None, 24]),
        "dropout": pick.choice([0.0, 0.1]),
    }
    if pick.random() < 0.2:
        fields |= {"time_embedding_type": "learned", "num_train_timesteps": 1000}
    if pick.random() < 0.15:
        fields["mid_block_type"] = None
    unet = UNet2DModel(**fields).eval()
    for parameter in unet.parameters():
        if parameter.dim() == 1:  # biases and norms start at 0 and 1, where a mistake wouldn't show
            parameter.data.add_(torch.randn_like(parameter) * 0.1)
    return unet


def random_scheduler(pick):
    fields = {
        "beta_schedule": pick.choice(["linear", "scaled_linear", "squaredcos_cap_v2"]),
        "prediction_type": pick.choice(["epsilon", "sample", "v_prediction"]),
        "timestep_spacing": pick.choice(["leading", "trailing", "linspace"]),
        "clip_sample": pick.random() < 0.5,
        "steps_offset": pick.choice([0, 1]),
    }
    if not fields["clip_sample"]:
        fields["thresholding"] = pick.random() < 0.5
    if fields["prediction_type"] != "epsilon":  # which is infinite where no signal is left
        fields["rescale_betas_zero_snr"] = pick.random() < 0.2
    if pick.random() < 0.5:
        return DDIMScheduler(**fields)
    return DDPMScheduler(variance_type=pick.choice(["fixed_small", "fixed_small_log", "fixed_large"]), **fields)


@torch.no_grad()
def steps_of_diffusers(unet, scheduler, noise, steps, seed):
    scheduler.set_timesteps(steps)
    x, found = noise * scheduler.init_noise_sigma, {}
    options = {} if isinstance(scheduler, DDIMScheduler) else {"generator": torch.Generator().manual_seed(seed)}
    for k, t in enumerate(scheduler.timesteps):
        step = scheduler.step(unet(scheduler.scale_model_input(x, t), t).sample, t, x, **options)
        x = found[f"x.{k}"] = step.prev_sample
        found[f"x0.{k}"] = step.pred_original_sample
    return found


def compare(mezzotint, seed, folder):
    """The largest relative difference and the tensor it is in. Raises CalledProcessError when mezzotint fails."""
    pick = random.Random(seed)
    torch.manual_seed(seed)
    unet, scheduler, steps = random_unet(pick), random_scheduler(pick), pick.choice([3, 5, 7])
    pipeline = DDIMPipeline if isinstance(scheduler, DDIMScheduler) else DDPMPipeline
    pipeline(unet, scheduler).save_pretrained(folder / "model", safe_serialization=pick.random() < 0.7)
    noise = torch.randn(2, unet.config.in_channels, *unet.config.sample_size)
    save_file({"noise": noise}, folder / "noise.safetensors")
    words = [mezzotint, "sample", folder / "model", "-n", 2, "--steps", steps, "--seed", seed, "--quiet",
             "--init-noise", folder / "noise.safetensors", "--trace", folder / "trace.safetensors",
             "-o", folder / "out.safetensors"]
    subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True)
    got, wanted = load_file(folder / "trace.safetensors"), steps_of_diffusers(unet, scheduler, noise, steps, seed)
    return max(((got[name] - wanted[name]).abs().max().item() / wanted[name].abs().max().item(), name)
               for name in wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mezzotint", default=ROOT / "build/release/mezzotint")
    parser.add_argument("first", type=int, nargs="?", default=1)
    parser.add_argument("count", type=int, nargs="?", default=40)
    options = parser.parse_args()
    wrong = 0
    for seed in range(options.first, options.first + options.count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                difference, name = compare(options.mezzotint, seed, pathlib.Path(folder))
            except subprocess.CalledProcessError as failed:
                difference, name = float("inf"), failed.stderr.strip()
        wrong += not difference <= TOLERANCE
        print(f"{seed}: {difference:.1e} ({name})", flush=True)
    print(f"{wrong} of {options.count} differ by more than {TOLERANCE:g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
