"""Writes what the course's guidance gives with diffusers, and torchvision's cutouts: tests/pipelines/data/guided.safetensors
and tests/guidance/data.

Run with torch 2.13, torchvision 0.28 and diffusers 0.42.1: python tools/reference/guidance.py
"""

import json
import pathlib

import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from diffusers import DDIMScheduler, DDPMPipeline
from safetensors.torch import save_file

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests"


def color_loss(images, target_color=(0.1, 0.9, 0.5)):
    target = (torch.tensor(target_color) * 2 - 1)[None, :, None, None]
    return torch.abs(images - target).mean()


def course(pipeline, scheduler, noise, method, scale=40):
    """The loops of unit 2, notebook 1: guidance after the network (1) and through it (2)."""
    x = noise
    for t in scheduler.timesteps:
        if method == 1:
            with torch.no_grad():
                noise_pred = pipeline.unet(scheduler.scale_model_input(x, t), t)["sample"]
            x = x.detach().requires_grad_()
        else:
            x = x.detach().requires_grad_()
            noise_pred = pipeline.unet(scheduler.scale_model_input(x, t), t)["sample"]
        x0 = scheduler.step(noise_pred, t, x).pred_original_sample
        loss = color_loss(x0) * scale
        cond_grad = -torch.autograd.grad(loss, x)[0]
        x = scheduler.step(noise_pred, t, x.detach() + cond_grad).prev_sample
    return x.detach()


def guided():
    """On a trained network: a random one is no denoiser, and a rounding grows over its steps to whole grey levels."""
    pipeline = DDPMPipeline.from_pretrained(TESTS.parent / "models/emoji-32")
    scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(40)
    noise = torch.randn(3, 3, 32, 32, generator=torch.manual_seed(8))
    found = {"noise": noise} | {f"method_{m}": course(pipeline, scheduler, noise, m) for m in (1, 2)}
    save_file(found, TESTS / "pipelines/data/guided.safetensors")


def cutouts():
    """The same draws from one seed, and what they cut out of one picture, with its gradient."""
    size = 16
    torch.manual_seed(21)
    picture = torch.randn(2, 3, 20, 28)
    found, draws = {"picture": picture}, []
    for seed in range(6):
        torch.manual_seed(seed)
        top, left, height, width = T.RandomResizedCrop.get_params(picture, (0.08, 1.0), (3 / 4, 4 / 3))
        angle, _, _, _ = T.RandomAffine.get_params([-5.0, 5.0], None, None, None, [28, 20])
        flip = bool(torch.rand(1) < 0.5)
        draws.append({"top": top, "left": left, "height": height, "width": width, "degrees": angle, "flip": flip})
        x = picture.clone().requires_grad_()
        y = F.affine(F.resized_crop(x, top, left, height, width, [size, size]), angle, [0, 0], 1.0, [0.0, 0.0])
        y = F.hflip(y) if flip else y
        weights = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed))
        gradient, = torch.autograd.grad((y * weights).sum(), x)
        found |= {f"weights.{seed}": weights, f"cutout.{seed}": y.detach(), f"gradient.{seed}": gradient}
    folder = TESTS / "guidance/data"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(found, folder / "cutouts.safetensors")
    (folder / "cutouts.json").write_text(json.dumps(draws, indent=1) + "\n")


if __name__ == "__main__":
    guided()
    cutouts()
