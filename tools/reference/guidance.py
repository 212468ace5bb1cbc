"""Writes what the course's guidance gives with diffusers and transformers, and torchvision's cutouts:
tests/pipelines/data/guided.safetensors and clip_guidance.safetensors, and tests/guidance/data.

Run after clip_files.py, with torch 2.13, torchvision 0.28, diffusers 0.42.1 and transformers 5.24:
    python tools/reference/guidance.py
"""

import json
import pathlib

import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from diffusers import DDIMScheduler, DDPMPipeline
from safetensors.torch import save_file
from training import stream_seed

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


def draw(picture):
    """What torchvision's transforms draw from the global generator, one after another."""
    top, left, height, width = T.RandomResizedCrop.get_params(picture, (0.08, 1.0), (3 / 4, 4 / 3))
    angle, _, _, _ = T.RandomAffine.get_params([-5.0, 5.0], None, None, None, list(picture.shape[:1:-1]))
    return {"top": top, "left": left, "height": height, "width": width, "degrees": angle,
            "flip": bool(torch.rand(1) < 0.5)}


def cut_out(x, d, size):
    part = F.resized_crop(x, d["top"], d["left"], d["height"], d["width"], [size, size])
    part = F.affine(part, d["degrees"], [0, 0], 1.0, [0.0, 0.0])
    return F.hflip(part) if d["flip"] else part


def cutouts():
    """The same draws from one seed, and what they cut out of one picture, with its gradient."""
    torch.manual_seed(21)
    picture = torch.randn(2, 3, 20, 28)
    found, draws = {"picture": picture}, []
    for seed in range(6):
        torch.manual_seed(seed)
        draws.append(draw(picture))
        x = picture.clone().requires_grad_()
        y = cut_out(x, draws[-1], 16)
        weights = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed))
        gradient, = torch.autograd.grad((y * weights).sum(), x)
        found |= {f"weights.{seed}": weights, f"cutout.{seed}": y.detach(), f"gradient.{seed}": gradient}
    folder = TESTS / "guidance/data"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(found, folder / "cutouts.safetensors")
    (folder / "cutouts.json").write_text(json.dumps(draws, indent=1) + "\n")


def clip_loss(image_features, text_features):
    """The course's: the mean over all pairs of the squared great-circle distance."""
    image = torch.nn.functional.normalize(image_features.unsqueeze(1), dim=2)
    text = torch.nn.functional.normalize(text_features.unsqueeze(0), dim=2)
    return image.sub(text).norm(dim=2).div(2).arcsin().pow(2).mul(2).mean()


def clip_gradient(encode_image, size, x0, text, mean, std, cuts, step):
    """Gradient of the course's CLIP loss, the mean over the cuts; one draw for the batch, x0 in [-1, 1] as it is."""
    total, losses = torch.zeros_like(x0), []
    for k in range(cuts):
        torch.manual_seed(stream_seed(0, f"cutouts/{step}/{k}/0"))
        x = x0.clone().requires_grad_()
        y = T.Normalize(mean, std)(cut_out(x, draw(x), size))
        loss = clip_loss(encode_image(y), text)
        total += torch.autograd.grad(loss, x)[0] / cuts
        losses.append(loss.item())
    return total, sum(losses) / cuts


def clip_guidance():
    from transformers import CLIPConfig, CLIPModel

    folder = TESTS / "pipelines/data/clip/transformers"
    model = CLIPModel(CLIPConfig.from_pretrained(folder)).eval()
    model.load_state_dict(torch.load(folder / "pytorch_model.bin", weights_only=True), strict=False)
    size = model.config.vision_config.image_size
    torch.manual_seed(31)
    x0, text = torch.randn(2, 3, 24, 20).clamp(-1, 1), torch.randn(2, model.config.projection_dim)

    def encode(y):
        return model.visual_projection(model.vision_model(pixel_values=y).pooler_output)

    gradient, loss = clip_gradient(encode, size, x0, text, [0.5, 0.25, 0.125], [0.5, 0.75, 1.0], cuts=3, step=7)
    save_file({"x0": x0, "text": text, "gradient": gradient, "loss": torch.tensor(loss)},
              TESTS / "pipelines/data/clip_guidance.safetensors")


if __name__ == "__main__":
    guided()
    cutouts()
    clip_guidance()
