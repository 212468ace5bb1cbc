"""The course's class-conditional training with diffusers, to compare losses with `mezzotint train --preset course-mnist`.

    python tools/reference/course_mnist.py IMAGES LABELS [--epochs 10] [--seed 0] [--device cuda]

IMAGES and LABELS are idx files (of Debian's dataset-fashion-mnist, for one). The net starts with the same weights, and
noise, timesteps and the order of the pictures come from the same streams (docs/training.md), so that the mean loss of
each epoch, which is printed, is that of mezzotint's `epoch_loss` as long as rounding hasn't driven the two apart.
"""

import argparse
import gzip
import time

import numpy
import torch
from diffusers import DDPMScheduler, UNet2DModel
from training import stream_seed

def generator(seed, name):
    return torch.Generator().manual_seed(stream_seed(seed, name))


def idx(path, header):
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        return torch.from_numpy(numpy.frombuffer(file.read()[header:], numpy.uint8).copy())


class ClassConditionedUnet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.class_emb = torch.nn.Embedding(10, 4)
        self.model = UNet2DModel(
            sample_size=28, in_channels=5, out_channels=1, layers_per_block=2, block_out_channels=(32, 64, 64),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"))

    def forward(self, x, t, labels):
        planes = self.class_emb(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.model(torch.cat([x, planes], 1), t).sample


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("images")
    parser.add_argument("labels")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    images = idx(args.images, 16).view(-1, 1, 28, 28)
    labels = idx(args.labels, 8).long()
    torch.manual_seed(stream_seed(args.seed, "weights"))
    net = ClassConditionedUnet().to(args.device)
    scheduler = DDPMScheduler(num_train_timesteps=1000, beta_schedule="squaredcos_cap_v2")
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    noise_stream, timestep_stream = generator(args.seed, "noise"), generator(args.seed, "timesteps")
    for epoch in range(args.epochs):
        start, losses = time.time(), []
        shuffle = generator(stream_seed(args.seed, "data"), f"shuffle/{epoch}")
        for chosen in torch.randperm(len(images), generator=shuffle).split(128):
            x0 = images[chosen].float() / 255 * 2 - 1
            noise = torch.randn(x0.shape, generator=noise_stream)
            t = torch.randint(0, 1000, (len(chosen),), generator=timestep_stream)
            noisy = scheduler.add_noise(x0, noise, t)
            output = net(noisy.to(args.device), t.to(args.device), labels[chosen].to(args.device))
            loss = torch.nn.functional.mse_loss(output, noise.to(args.device))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
        values = torch.stack(losses).double().cpu()
        print(f"epoch {epoch + 1}: mean {values.mean():.6f}, last 100 {values[-100:].mean():.6f}, "
              f"first {values[0]:.6f}, {time.time() - start:.0f} s", flush=True)


main()
