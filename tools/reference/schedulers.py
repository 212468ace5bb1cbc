"""Writes tests/schedulers/data/*.json from diffusers: what the scheduler tests hold mezzotint to.

    python tools/reference/schedulers.py        (diffusers 0.42.1, torch 2.13)

Some of torch's kernels round differently with each width of vector instructions, so that bits agree only between CPUs
of one capability. The script runs itself once for each and stores a hash of the bits for each of them, and the plain
numbers, which a test compares with a tolerance, for one.
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler

CAPABILITIES = ["default", "avx2", "avx512"]
DATA = pathlib.Path(__file__).parents[2] / "tests" / "schedulers" / "data"
CLASSES = {"DDPMScheduler": DDPMScheduler, "DDIMScheduler": DDIMScheduler}


def fnv1a(data: bytes, value: int = 0xCBF29CE484222325) -> int:
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def bits(tensors) -> str:
    """16 hex digits: FNV-1a over the bytes of the tensors, one after another; -0 counts as 0."""
    value = 0xCBF29CE484222325
    for tensor in tensors:
        value = fnv1a((tensor + 0).contiguous().numpy().tobytes(), value)
    return f"{value:016x}"


def noise_schedules():
    cases = []
    for schedule in ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace"]:
        for zero_snr in [False, True]:
            for count in [1000, 100, 37]:
                config = {"beta_schedule": schedule, "num_train_timesteps": count, "rescale_betas_zero_snr": zero_snr}
                cases.append(config)
    cases += [{"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}]
    cases += [{"trained_betas": [0.001 * (i + 1) for i in range(20)], "num_train_timesteps": 20}]
    found = []
    for config in cases:
        scheduler = DDPMScheduler(**config)
        alphas_cumprod = scheduler.alphas_cumprod
        found.append({
            "config": config,
            "at": [0, 1, len(alphas_cumprod) // 2, len(alphas_cumprod) - 1],
            "alphas_cumprod": [alphas_cumprod[i].item() for i in (0, 1, len(alphas_cumprod) // 2, -1)],
            "bits": bits([scheduler.betas, alphas_cumprod]),
        })
    return found


def timesteps():
    """One hash for each spacing and T: over the lists for every N."""
    found = []
    for spacing in ["leading", "trailing", "linspace"]:
        for train in [1000, 100, 256, 999]:
            scheduler = DDPMScheduler(num_train_timesteps=train, timestep_spacing=spacing)
            value = 0xCBF29CE484222325
            for count in range(1, train + 1):
                scheduler.set_timesteps(count)
                steps = scheduler.timesteps.numpy()
                value = fnv1a(steps[steps >= 0].astype("<i8").tobytes(), value)  # trailing: a stray -1 for some N
            found.append({"spacing": spacing, "num_train_timesteps": train, "bits": f"{value:016x}"})
    return found


def case(name, class_name, steps=5, config=None, **options):
    return {"name": name, "class": class_name, "steps": steps, "config": config or {}, "options": options}


def shared_cases(class_name):
    rows = [
        ("defaults", {}, 5), ("offset", {"steps_offset": 1}, 5), ("seven", {}, 7),
        ("trailing", {"timestep_spacing": "trailing"}, 7), ("linspace", {"timestep_spacing": "linspace"}, 7),
        ("one_step", {"timestep_spacing": "trailing"}, 1), ("two_steps", {}, 2),
        ("sample", {"prediction_type": "sample"}, 5), ("v", {"prediction_type": "v_prediction"}, 5),
        ("no_clip", {"clip_sample": False}, 5), ("clip_range", {"clip_sample_range": 0.4}, 5),
        ("threshold", {"thresholding": True, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 1.5}, 5),
        ("threshold_no_clip", {"thresholding": True, "clip_sample": False, "sample_max_value": 3.0}, 5),
        ("cosine", {"beta_schedule": "squaredcos_cap_v2"}, 5),
        ("scaled_linear", {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}, 5),
        ("zero_snr", {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction",
                      "timestep_spacing": "trailing"}, 5),
        ("short", {"num_train_timesteps": 50}, 6),
        ("trained_betas", {"trained_betas": [0.01 * (i + 1) for i in range(20)], "num_train_timesteps": 20}, 5),
        ("every_timestep", {"num_train_timesteps": 8}, 8),
    ]
    return [case(name, class_name, steps, config) for name, config, steps in rows]


def ddpm_cases():
    cases = shared_cases("DDPMScheduler")
    for kind in ["fixed_small_log", "fixed_large", "learned", "learned_range"]:
        cases.append(case(kind, "DDPMScheduler", config={"variance_type": kind}))
    cases.append(case("learned_range_v", "DDPMScheduler",
                      config={"variance_type": "learned_range", "prediction_type": "v_prediction"}))
    cases.append(case("fixed_large_offset", "DDPMScheduler",
                      config={"variance_type": "fixed_large", "steps_offset": 1}))
    cases += [case("sigmoid", "DDPMScheduler", config={"beta_schedule": "sigmoid"}),
              case("laplace", "DDPMScheduler", config={"beta_schedule": "laplace"}),
              case("no_plan", "DDPMScheduler", steps=0, config={"num_train_timesteps": 6})]
    custom = case("custom", "DDPMScheduler", steps=0, timesteps=[990, 500, 499, 20, 3])
    return [*cases, custom]


def ddim_cases():
    cases = shared_cases("DDIMScheduler")
    cases += [case("final_alpha", "DDIMScheduler", config={"set_alpha_to_one": False}),
              case("eta_some", "DDIMScheduler", eta=0.3), case("eta_one", "DDIMScheduler", eta=1.0)]
    for kind in ["epsilon", "sample", "v_prediction"]:
        cases.append(case(f"clipped_output_{kind}", "DDIMScheduler", config={"prediction_type": kind},
                          use_clipped_model_output=True))
    cases.append(case("clipped_eta_linspace", "DDIMScheduler", 7, {"timestep_spacing": "linspace"},
                      use_clipped_model_output=True, eta=0.7))
    return cases


def model(sample, t, variance_type):
    """The networks of the tests: linear, and simple enough that every CPU computes it alike."""
    output = sample * float(t) / float(t + 1)
    if variance_type == "learned":
        return torch.cat([output, (0.25 * sample).abs()], dim=1)
    if variance_type == "learned_range":
        return torch.cat([output, (0.5 * sample).clamp(-1, 1)], dim=1)
    return output


def run(row):
    scheduler = CLASSES[row["class"]](**row["config"])
    options = dict(row["options"])
    if custom := options.pop("timesteps", None):
        scheduler.set_timesteps(timesteps=custom)
    elif row["steps"]:
        scheduler.set_timesteps(row["steps"])
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn((2, 2, 2, 2), generator=generator)
    samples, originals = [], []
    for t in scheduler.timesteps.tolist():
        output = model(sample, t, row["config"].get("variance_type"))
        step = scheduler.step(output, t, sample, generator=generator, **options)
        sample = step.prev_sample
        samples.append(sample)
        originals.append(step.pred_original_sample)
    flat = [[float(f"{v:.9g}") for v in tensor.flatten().tolist()] for tensor in samples]
    flat_originals = [[float(f"{v:.9g}") for v in tensor.flatten().tolist()] for tensor in originals]
    assert np.isfinite(flat).all(), row
    return {**row, "timesteps": scheduler.timesteps.tolist(), "x": flat, "x0": flat_originals,
            "bits": bits(samples + originals)}


def everything():
    return {"noise_schedules": noise_schedules(), "timesteps": timesteps(),
            "trajectories": [run(row) for row in ddpm_cases() + ddim_cases()]}


def main():
    if sys.argv[1:] == ["--one"]:
        return json.dump({"capability": torch.backends.cpu.get_cpu_capability(), **everything()}, sys.stdout)
    runs = []
    for capability in CAPABILITIES:
        environment = {**os.environ, "ATEN_CPU_CAPABILITY": capability}
        output = subprocess.run([sys.executable, __file__, "--one"], env=environment, check=True, stdout=-1).stdout
        runs.append(json.loads(output))
        if runs[-1]["capability"].lower() != capability:
            sys.exit(f"this CPU lacks {capability}, got {runs[-1]['capability']}")
    DATA.mkdir(parents=True, exist_ok=True)
    for name in ["noise_schedules", "timesteps", "trajectories"]:
        rows = runs[0][name]
        for i, row in enumerate(rows):
            row["bits"] = {one["capability"]: one[name][i]["bits"] for one in runs}
        text = ",\n".join(json.dumps(row) for row in rows)
        (DATA / f"{name}.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
