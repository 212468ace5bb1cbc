"""Writes what the tests of LoRA adapters hold mezzotint to, by diffusers and peft.

    python tools/reference/lora.py    (diffusers 0.42.1, peft 0.21.2, torch 2.13)

tests/models/data/lora.json, lora.safetensors: a small UNet2DModel, initialised by its seed with every vector moved as
in unet_2d.py, and two adapters in it, "style" and "pose".

    x, t, y.base        the input, and the output without adapters
    y.style, y.both     with the first; with the first at 0.75 and the second at -0.5
    gradients           of sum(y.style v): norm and 6 projections (unet_2d.py) for A and B of each layer
    start               what peft's start of A is when drawn, layer by layer in the order of the state_dict, from
                        Generator().manual_seed(stream_seed(7, "lora")): first, last and sum

tests/pipelines/data/lora/style, pose: the two as peft's save_pretrained writes them; the second with rank_pattern,
alpha_pattern and rsLoRA.

tests/training/data/lora.json, lora.safetensors: losses, trained adapter and its average of the loop of training.py, shortened
down to one epoch, over the net of training.py: AdamW with accumulation, clipping, warm-up, cosine and EMA.
"""

import json
import math
import pathlib

import torch
from diffusers import DDPMScheduler, UNet2DModel
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from training import make_model, stream, stream_seed
from unet_2d import projections

TESTS = pathlib.Path(__file__).parents[2] / "tests"
CONFIG = dict(
    sample_size=8,
    block_out_channels=(8, 16, 24),
    down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    layers_per_block=1,
    norm_num_groups=4,
    attention_head_dim=8,
)
TARGETS = r".*(to_q|to_k|to_v|to_out\.0|conv1|conv2|conv_shortcut|samplers\.\d+\.conv)"


def base():
    torch.manual_seed(5)
    unet = UNet2DModel(**CONFIG).eval()
    with torch.no_grad():
        for k, p in enumerate(unet.state_dict().values()):
            if p.dim() == 1:
                p += 0.25 * torch.sin(torch.arange(p.numel(), dtype=torch.float64) + k)
    return unet


def lora_layers(model):
    """Name in the network, layer; in the order of the state_dict."""
    layers = dict(model.named_modules())
    names = [key.removesuffix(".base_layer.weight") for key in model.state_dict() if key.endswith(".base_layer.weight")]
    return [(name.removeprefix("base_model.model."), layers[name]) for name in names]


def start(model, adapter, generator):
    """peft's start, from one stream."""
    digests = {}
    for name, layer in lora_layers(model):
        if adapter not in layer.lora_A:
            continue
        weight = layer.lora_A[adapter].weight
        torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
        flat = weight.detach().flatten()
        digests[name] = [flat[0].item(), flat[-1].item(), flat.double().sum().item()]
    return digests


def shake(model, adapter, generator):
    """B away from zero, that A has a gradient."""
    with torch.no_grad():
        for _, layer in lora_layers(model):
            if adapter in layer.lora_B:
                b = layer.lora_B[adapter].weight
                b.copy_(torch.randn(b.shape, generator=generator) * 0.2)


def network():
    unet = base()
    generator = torch.Generator().manual_seed(11)
    x = torch.randn(2, 3, 8, 8, generator=generator)
    t = torch.tensor([17, 940])
    v = torch.randn(2, 3, 8, 8, generator=generator)
    with torch.no_grad():
        tensors = {"x": x, "t": t, "v": v, "y.base": unet(x, t).sample}
    model = get_peft_model(unet, LoraConfig(r=3, lora_alpha=6, target_modules=TARGETS), adapter_name="style")
    facts = {"config": {k: v for k, v in CONFIG.items()}}
    facts["start"] = start(model, "style", torch.Generator().manual_seed(stream_seed(7, "lora")))
    shake(model, "style", generator)
    y = model(x, t).sample
    tensors["y.style"] = y.detach()
    (y * v).sum().backward()
    facts["gradients"] = {}
    for name, layer in lora_layers(model):
        facts["gradients"][f"{name}.lora_A.weight"] = projections(layer.lora_A["style"].weight.grad).tolist()
        facts["gradients"][f"{name}.lora_B.weight"] = projections(layer.lora_B["style"].weight.grad).tolist()

    second = LoraConfig(r=2, lora_alpha=4, target_modules=["to_q", "to_out.0", "conv2"], use_rslora=True,
                        rank_pattern={"conv2": 4}, alpha_pattern={r"mid_block\..*\.conv2": 1.5, "to_q": 5})
    model.add_adapter("pose", second)
    start(model, "pose", generator)
    shake(model, "pose", generator)
    with torch.no_grad():
        model.base_model.set_adapter(["style", "pose"])
        for _, layer in lora_layers(model):
            for adapter, strength in (("style", 0.75), ("pose", -0.5)):
                if adapter in layer.lora_A:
                    layer.set_scale(adapter, strength)
        tensors["y.both"] = model(x, t).sample
    (TESTS / "models/data/lora.json").write_text(json.dumps(facts, indent=1) + "\n")
    save_file({k: v.contiguous() for k, v in tensors.items()}, TESTS / "models/data/lora.safetensors")
    model.save_pretrained(TESTS / "pipelines/data/lora")
    for card in (TESTS / "pipelines/data/lora").rglob("README.md"):
        card.unlink()
    for file in (TESTS / "pipelines/data/lora").rglob("adapter_config.json"):
        config = json.loads(file.read_text())
        if isinstance(config["target_modules"], list):  # a set, in any order
            config["target_modules"].sort()
        file.write_text(json.dumps(config, indent=2, sort_keys=True))


def training():
    """The loop of training.py with another set of parameters."""
    holder = make_model(0)
    model = get_peft_model(holder.unet, LoraConfig(r=2, lora_alpha=3, target_modules=TARGETS))
    start(model, "default", stream("lora"))
    model.train()
    named = {}
    for name, layer in lora_layers(model):
        named[f"unet.{name}.lora_A.weight"] = layer.lora_A["default"].weight
        named[f"unet.{name}.lora_B.weight"] = layer.lora_B["default"].weight
    learned = list(named.values())
    epochs, batches, batch, accumulation = 2, 7, 4, 2
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    optimizer = torch.optim.AdamW(learned, lr=4e-3, weight_decay=0.01)
    updates = epochs * -(-batches // accumulation)
    schedule = get_scheduler("cosine", optimizer, num_warmup_steps=3, num_training_steps=updates)
    ema = EMAModel(learned, decay=0.75, use_ema_warmup=True, inv_gamma=1.0, power=0.75)
    noise_stream, timestep_stream, data_stream = stream("noise"), stream("timesteps"), stream("test data")
    losses = []
    for _ in range(epochs):
        for index in range(batches):
            x0 = torch.rand(batch, 3, 8, 8, generator=data_stream) * 2 - 1
            noise = torch.randn(x0.shape, generator=noise_stream)
            t = torch.randint(0, 1000, (batch,), generator=timestep_stream)
            loss = torch.nn.functional.mse_loss(model(scheduler.add_noise(x0, noise, t), t).sample, noise)
            losses.append(loss.item())
            first = index // accumulation * accumulation
            group = min(accumulation, batches - first)
            (loss / group).backward()
            if index - first + 1 == group:
                torch.nn.utils.clip_grad_norm_(learned, 0.5)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad()
                ema.step(learned)
    tensors = {f"raw.{key}": p.detach().clone() for key, p in named.items()}
    tensors |= {f"ema.{key}": p.clone() for key, p in zip(named, ema.shadow_params)}
    save_file(tensors, TESTS / "training/data/lora.safetensors")
    (TESTS / "training/data/lora.json").write_text(json.dumps({"losses": losses}, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    network()
    training()
