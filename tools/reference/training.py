"""Writes tests/training/data/ from torch and diffusers: what the training tests hold mezzotint to.

    python tools/reference/training.py        (diffusers 0.42.1, torch 2.13)

The loop below is the reference for docs/training.md: the same net, data, noise, timesteps and order give the same losses
and weights in `mezzotint train`.
"""

import json
import pathlib

import torch
from diffusers import DDPMScheduler, UNet2DModel
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel, compute_snr
from safetensors.torch import save_file

DATA = pathlib.Path(__file__).parents[2] / "tests" / "training" / "data"
MASK = 2**64 - 1
SEED = 3
EPOCHS, BATCHES, BATCH, ACCUMULATION = 5, 7, 4, 2  # 4 updates an epoch: the last has one micro-batch
NET = {
    "sample_size": 8,
    "block_out_channels": (8, 16),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "attention_head_dim": 4,
    "norm_num_groups": 4,
    "out_channels": 3,
}


def stream_seed(seed, name):
    """mezzotint/base/random.h: SplitMix64 over the FNV-1a hash of the name."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    z = (seed + value + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def stream(name):
    return torch.Generator().manual_seed(stream_seed(SEED, name))


class ClassConditioned(torch.nn.Module):
    """The course's net: a row of the label table as constant planes behind the picture."""

    def __init__(self, classes, planes):
        super().__init__()
        self.class_emb = torch.nn.Embedding(classes, planes)
        self.unet = UNet2DModel(in_channels=3 + planes, **NET)

    def forward(self, x, t, labels):
        rows = self.class_emb(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.unet(torch.cat([x, rows], 1), t).sample


def make_model(classes):
    torch.manual_seed(stream_seed(SEED, "weights") & MASK)
    if classes:
        return ClassConditioned(classes, 2)
    holder = torch.nn.Module()
    holder.unet = UNet2DModel(in_channels=3, **NET)
    holder.forward = lambda x, t, labels: holder.unet(x, t).sample
    return holder


def draw_timesteps(kind, generator):
    """mezzotint/training/timestep_sampler.h"""
    if kind == "course":  # its randint(0, 999) never draws the last timestep
        return torch.randint(0, 999, (BATCH,), generator=generator)
    if kind == "stratified":
        parts = torch.arange(BATCH, dtype=torch.double) + torch.rand(BATCH, generator=generator)
        return (parts / BATCH * 1000).long()
    if kind == "logit_normal":
        return (torch.sigmoid(torch.randn(BATCH, generator=generator) * 0.5 + 0.3) * 1000).long()
    return torch.randint(0, 1000, (BATCH,), generator=generator)


def train(prediction_type, accum_mode, optimizer_class, classes, published=False, extras=False, timesteps="uniform"):
    """published: the course's loss.backward(loss) and micro-batches that leak into the next epoch; extras: offset noise,
    input perturbation, min-SNR weights, frozen layers."""
    model = make_model(classes)
    model.train()
    if extras:
        model.unet.down_blocks.requires_grad_(False)
        model.unet.conv_in.bias.requires_grad_(False)
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type=prediction_type)
    decay = {"weight_decay": 0.01} if optimizer_class is torch.optim.AdamW else {}
    learning = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer_class(learning, lr=2e-3, **decay)
    updates = EPOCHS * (BATCHES // ACCUMULATION if published else -(-BATCHES // ACCUMULATION))
    schedule = get_scheduler("cosine", optimizer, num_warmup_steps=3, num_training_steps=updates)
    ema = EMAModel(model.parameters(), decay=0.75, use_ema_warmup=True, inv_gamma=1.0, power=0.75)
    noise_stream, timestep_stream, data_stream = stream("noise"), stream("timesteps"), stream("test data")
    offset_stream, perturbation_stream = stream("noise_offset"), stream("input_perturbation")
    losses = []
    for _ in range(EPOCHS):
        for index in range(BATCHES):
            x0 = torch.rand(BATCH, 3, 8, 8, generator=data_stream) * 2 - 1
            labels = torch.arange(BATCH) % classes if classes else None
            noise = torch.randn(x0.shape, generator=noise_stream)
            t = draw_timesteps(timesteps, timestep_stream)
            seen = noise
            if extras:
                noise = noise + 0.1 * torch.randn(BATCH, 3, 1, 1, generator=offset_stream)
                seen = noise + 0.2 * torch.randn(x0.shape, generator=perturbation_stream)
            target = {"epsilon": noise, "sample": x0, "v_prediction": scheduler.get_velocity(x0, noise, t)}
            output = model(scheduler.add_noise(x0, seen, t), t, labels)
            loss = torch.nn.functional.mse_loss(output, target[prediction_type])
            if extras:
                snr = compute_snr(scheduler, t)
                errors = torch.nn.functional.mse_loss(output, target[prediction_type], reduction="none").mean((1, 2, 3))
                loss = (errors * torch.stack([snr, 3 * torch.ones_like(t)], dim=1).min(dim=1)[0] / snr).mean()
            losses.append(loss.item())
            first = index // ACCUMULATION * ACCUMULATION
            group = min(ACCUMULATION, BATCHES - first)
            if published:
                loss.backward(loss)
            else:
                (loss / group if accum_mode == "mean" else loss).backward()
            if (index + 1) % ACCUMULATION == 0 if published else index - first + 1 == group:
                torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad()
                ema.step(model.parameters())
    tensors = {f"raw.{key}": p.detach().clone() for key, p in model.named_parameters()}
    names = [key for key, _ in model.named_parameters()]
    tensors |= {f"ema.{key}": p.clone() for key, p in zip(names, ema.shadow_params)}
    return losses, tensors


def learning_rates():
    """Factors of updates 0..11 of 12, with and without a warm-up of 4."""
    table = {}
    for name in ("constant_with_warmup", "linear", "cosine"):
        for warmup in (0, 4):
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
            schedule = get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=12)
            factors = []
            for _ in range(12):
                factors.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            table[f"{name.split('_')[0]}.{warmup}"] = factors
    return table


def ema_decays():
    cases = [
        {"ema_decay": 0.9999},
        {"ema_decay": 0.999, "ema_warmup": True, "ema_power": 0.75},
        {"ema_decay": 0.9, "ema_min_decay": 0.5, "ema_update_after_step": 3},
        {"ema_decay": 0.99, "ema_warmup": True, "ema_inv_gamma": 5.0},
    ]
    names = {"ema_decay": "decay", "ema_warmup": "use_ema_warmup"}
    out = []
    for case in cases:
        ema = EMAModel([], **{names.get(k, k.removeprefix("ema_")): v for k, v in case.items()})
        steps = [1, 2, 3, 4, 5, 10, 100, 5000, 100000]
        out.append({"config": case, "steps": steps, "decays": [ema.get_decay(s) for s in steps]})
    return out


def main():
    DATA.mkdir(parents=True, exist_ok=True)
    cases = {
        "epsilon": ("epsilon", "mean", torch.optim.AdamW, 0),
        "classes": ("epsilon", "mean", torch.optim.Adam, 3),
        "sum": ("sample", "sum", torch.optim.AdamW, 0),
        "velocity": ("v_prediction", "mean", torch.optim.AdamW, 0),
        "published": ("epsilon", "sum", torch.optim.AdamW, 0, True, False, "course"),
        "extras": ("epsilon", "mean", torch.optim.AdamW, 0, False, True, "logit_normal"),
        "stratified": ("epsilon", "mean", torch.optim.Adam, 3, False, False, "stratified"),
    }
    losses = {}
    for name, case in cases.items():
        losses[name], tensors = train(*case)
        if name in ("epsilon", "classes", "published", "extras"):
            save_file({k: v.contiguous() for k, v in tensors.items()}, DATA / f"{name}.safetensors")
    rates, decays = learning_rates(), ema_decays()
    text = json.dumps({"losses": losses, "lr": rates, "ema": decays}, indent=1)
    (DATA / "training.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
