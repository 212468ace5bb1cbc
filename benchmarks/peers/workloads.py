"""The workloads of `mezzotint bench` in diffusers: the same networks, the same steps, random weights.

Each function makes a workload for a batch and a size and returns what one run of it is. `form` is how a peer wants its
network: a function that takes a module and gives what is called in its place.
"""

import torch
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel
from torch.nn import functional


def celebahq(size):
    """google/ddpm-celebahq-256."""
    return UNet2DModel(
        sample_size=size, layers_per_block=2, block_out_channels=(128, 128, 256, 256, 512, 512),
        down_block_types=("DownBlock2D",) * 4 + ("AttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "AttnUpBlock2D") + ("UpBlock2D",) * 4,
        downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6, attention_head_dim=None)


class ClassConditionedUnet(torch.nn.Module):
    """The course's digit network: a row of a table, spread over planes, behind the picture."""

    def __init__(self, size, classes=10, planes=4):
        super().__init__()
        self.class_emb = torch.nn.Embedding(classes, planes)
        self.model = UNet2DModel(
            sample_size=size, in_channels=1 + planes, out_channels=1, layers_per_block=2, block_out_channels=(32, 64, 64),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"))

    def forward(self, x, t, labels):
        planes = self.class_emb(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.model(torch.cat((x, planes), 1), t).sample


class Eps(torch.nn.Module):
    """The network as a function of tensors."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, x, t):
        return self.unet(x, t, return_dict=False)[0]


def sample(batch, size, form):
    """One denoising step with DDIM."""
    scheduler = DDIMScheduler()
    scheduler.set_timesteps(50)
    state = {"x": form.tensor(torch.randn(batch, 3, size, size)), "step": 0}
    network = form.network(Eps(celebahq(size)).eval().requires_grad_(False), (state["x"], torch.tensor(500)))

    def run():
        t = scheduler.timesteps[state["step"] % 50]
        with torch.no_grad():
            state["x"] = scheduler.step(network(state["x"], t), t, state["x"]).prev_sample
        state["step"] += 1
    return run


def guide(batch, size, form):
    """The gradient of a colour loss through the network to the picture, weights frozen."""
    abar = DDPMScheduler().alphas_cumprod[500].item()
    noise = form.tensor(torch.randn(batch, 3, size, size))
    network = form.network(Eps(celebahq(size)).eval().requires_grad_(False), (noise, torch.tensor(500)))
    t = torch.tensor(500)

    def run():
        x = noise.detach().requires_grad_()
        x0 = (x - (1 - abar) ** 0.5 * network(x, t)) / abar ** 0.5
        return torch.autograd.grad((x0 - 0.2).abs().mean(), x)[0]
    return run


def training_step(network, optimizer, scheduler, x0, extra):
    """Noise and timesteps, forward, loss, backward, optimizer."""
    def run():
        noise = torch.randn_like(x0)
        t = torch.randint(0, 1000, (x0.shape[0],))
        loss = functional.mse_loss(network(scheduler.add_noise(x0, noise, t), t, *extra), noise)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()
    return run


def finetune(batch, size, form):
    """One training step with AdamW."""
    x0 = form.tensor(torch.rand(batch, 3, size, size) * 2 - 1)
    module = Eps(celebahq(size)).train()
    network = form.network(module, (x0, torch.zeros(batch, dtype=torch.long)))
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-5, **form.optimizer)
    return training_step(network, optimizer, DDPMScheduler(), x0, ())


def train_mnist(batch, size, form):
    """One training step of the course's class-conditional network."""
    x0 = form.tensor(torch.rand(batch, 1, size, size) * 2 - 1)
    labels = torch.randint(0, 10, (batch,))
    module = ClassConditionedUnet(size).train()
    network = form.network(module, (x0, torch.zeros(batch, dtype=torch.long), labels))
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3, **form.optimizer)
    return training_step(network, optimizer, scheduler, x0, (labels,))


# name: (what makes it, batch, size)
WORKLOADS = {
    "sample-celebahq-256": (sample, 1, 256),
    "guide-celebahq-256": (guide, 1, 256),
    "finetune-celebahq-128": (finetune, 4, 128),
    "train-mnist-28": (train_mnist, 128, 28),
}
