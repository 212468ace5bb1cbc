"""Writes tests/pipelines/data: pipeline folders with tiny random networks, and what diffusers samples from them.

Run with torch 2.13 and diffusers 0.42.1: python tools/reference/pipelines.py
"""

import json
import pathlib
import shutil

import torch
from diffusers import DDIMPipeline, DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
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


def classes(found):
    """The course's class-conditional net, small: an embedding as extra planes, and the course's loop over DDPM."""
    torch.manual_seed(12)
    table = torch.nn.Embedding(3, 2)
    unet = UNet2DModel(
        sample_size=8, in_channels=1 + 2, out_channels=1, block_out_channels=(8, 16), layers_per_block=1,
        norm_num_groups=4, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"))
    scheduler = DDPMScheduler(num_train_timesteps=1000, beta_schedule="squaredcos_cap_v2")
    folder = OUT / "classes"
    shutil.rmtree(folder, ignore_errors=True)
    DDPMPipeline(unet, scheduler).save_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    index |= {"_class_name": "ClassConditionedDDPMPipeline", "class_emb": ["mezzotint", "ClassEmbedding"]}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
    (folder / "class_emb").mkdir()
    config = {"_class_name": "ClassEmbedding", "num_classes": 3, "class_emb_size": 2,
              "class_names": ["shirt", "shoe", "bag"]}
    (folder / "class_emb/config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file({"class_emb.weight": table.weight.data}, folder / "class_emb/diffusion_pytorch_model.safetensors",
              metadata={"format": "pt"})

    labels = torch.tensor([2, 0, 0])
    generator = torch.manual_seed(4)
    x = torch.randn(3, 1, 8, 8, generator=generator)
    scheduler.set_timesteps(20)
    for t in scheduler.timesteps:
        planes = table(labels)[:, :, None, None].expand(-1, -1, 8, 8)
        with torch.no_grad():
            output = unet(torch.cat((x, planes), 1), t).sample
        x = scheduler.step(output, t, x, generator=generator).prev_sample
    found["classes_2_0_0"] = (x / 2 + 0.5).clamp(0, 1).detach()


def ddim(unet, found):
    """A folder that DDIMPipeline saved, less its network, which is the one of `ddpm`."""
    pipeline = DDIMPipeline(unet, DDIMScheduler(beta_schedule="squaredcos_cap_v2", clip_sample_range=1.5))
    pipeline.set_progress_bar_config(disable=True)
    shutil.rmtree(OUT / "ddim", ignore_errors=True)
    pipeline.save_pretrained(OUT / "ddim")
    shutil.rmtree(OUT / "ddim/unet")
    for eta in (0.0, 0.5):
        generators = [torch.Generator().manual_seed(s) for s in (5, 6)]
        found[f"ddim_eta_{eta}"] = pictures(pipeline, batch_size=2, num_inference_steps=10, eta=eta, generator=generators)


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
    classes(found)
    ddim(pipeline.unet, found)
    save_file(found, OUT / "samples.safetensors")


if __name__ == "__main__":
    main()
