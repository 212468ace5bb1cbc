"""Writes tests/pipelines/data: a DDPMPipeline folder with a tiny random network, and what diffusers samples from it.

Run with torch 2.13 and diffusers 0.42.1: python tools/reference/pipelines.py
"""

import pathlib
import shutil

import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/pipelines/data"


def tiny_unet():
    torch.manual_seed(11)
    return UNet2DModel(
        sample_size=(8, 12), block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=4, attention_head_dim=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))


def pictures(pipeline, **options):
    images = pipeline(output_type="np", **options).images
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def main():
    pipeline = DDPMPipeline(tiny_unet(), DDPMScheduler())
    pipeline.set_progress_bar_config(disable=True)
    shutil.rmtree(OUT / "ddpm", ignore_errors=True)
    pipeline.save_pretrained(OUT / "ddpm")
    found = {
        "one": pictures(pipeline, num_inference_steps=20, generator=torch.manual_seed(0)),
        "three": pictures(pipeline, batch_size=3, num_inference_steps=20, generator=torch.manual_seed(0)),
        "seeds_5_6": pictures(pipeline, batch_size=2, num_inference_steps=20,
                              generator=[torch.Generator().manual_seed(s) for s in (5, 6)]),
    }
    scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(10)
    found["noise"] = x = torch.randn(2, 3, 8, 12, generator=torch.manual_seed(3))
    for i, t in enumerate(scheduler.timesteps):
        with torch.no_grad():
            step = scheduler.step(pipeline.unet(x, t).sample, t, x)
        x = step.prev_sample
        found[f"x.{i}"], found[f"x0.{i}"] = x, step.pred_original_sample
    save_file(found, OUT / "samples.safetensors")


if __name__ == "__main__":
    main()
