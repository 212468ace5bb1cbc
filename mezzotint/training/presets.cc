#include "mezzotint/training/presets.h"

namespace mezzotint {
namespace {

// The course's class-conditional net on MNIST and Fashion-MNIST (unit 2, notebook 2). Its timesteps
// stop at 998 by a slip of randint's bounds; here all 1000 are drawn.
const Registered<Preset> kCourseMnist(
    "course-mnist",
    {"the course's class-conditional 28x28 net: Adam, lr 1e-3, batch 128, 10 epochs",
     nlohmann::json::parse(R"({
       "class_conditional": true,
       "class_emb_size": 4,
       "training": {"optimizer": "adam", "lr": 1e-3, "batch_size": 128, "num_epochs": 10,
                    "log_samples_every": 469, "save_model_every": 469,
                    "sample_count": 20, "sample_steps": 50},
       "transform": {"height": 28, "width": 28, "channels": 1, "horizontal_flip": false},
       "model": {"block_out_channels": [32, 64, 64], "layers_per_block": 2,
                 "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
                 "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"]},
       "scheduler": {"num_train_timesteps": 1000, "beta_schedule": "squaredcos_cap_v2"}
     })")});

const Registered<Preset> kEmoji32(
    "emoji-32",
    {"small unconditional 32x32 colour net: AdamW with warm-up and cosine, EMA, batch 32",
     nlohmann::json::parse(R"({
       "training": {"optimizer": "adamw", "lr": 6e-4, "lr_schedule": "cosine", "warmup": 100,
                    "batch_size": 32, "num_epochs": 240, "max_grad_norm": 1.0,
                    "ema": true, "ema_decay": 0.999,
                    "log_samples_every": 500, "save_model_every": 500,
                    "sample_count": 16, "sample_steps": 50},
       "transform": {"height": 32, "width": 32, "channels": 3, "horizontal_flip": false},
       "model": {"block_out_channels": [48, 64, 96, 112], "layers_per_block": 1,
                 "down_block_types": ["DownBlock2D", "DownBlock2D", "AttnDownBlock2D",
                                      "AttnDownBlock2D"],
                 "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
                 "attention_head_dim": 16, "norm_num_groups": 16},
       "scheduler": {"num_train_timesteps": 1000, "beta_schedule": "squaredcos_cap_v2"}
     })")});

// The two ways to go on from a model that the course tells apart (its unit 2, text). Both keep an
// average and clip, so that a rare large gradient does no harm.
const Registered<Preset> kPreserve(
    "preserve",
    {"little data, what the model knows shall stay: very small lr with warm-up, slow EMA",
     nlohmann::json::parse(R"({
       "training": {"optimizer": "adamw", "lr": 2e-6, "lr_schedule": "constant", "warmup": 100,
                    "num_epochs": 4, "max_grad_norm": 1.0, "ema": true, "ema_decay": 0.9999,
                    "ema_warmup": true, "ema_power": 0.75}
     })"),
     /*for_pretrained=*/true});

const Registered<Preset> kRetarget(
    "retarget",
    {"everything shall become the new pictures: larger lr with warm-up and cosine, long run, EMA",
     nlohmann::json::parse(R"({
       "training": {"optimizer": "adamw", "lr": 1e-4, "lr_schedule": "cosine", "warmup": 200,
                    "num_epochs": 100, "max_grad_norm": 1.0, "ema": true, "ema_decay": 0.999,
                    "ema_warmup": true, "ema_power": 0.75}
     })"),
     /*for_pretrained=*/true});

// The course's fine-tuning loop to the letter, slips and all: gradients of half the squared loss,
// as `loss.backward(loss)` has them, summed, and micro-batches that leak into the next epoch.
const Registered<Preset> kCoursePublished(
    "course-published",
    {"the course's fine-tuning as it was published, slips and all: to compare with",
     nlohmann::json::parse(R"({
       "training": {"optimizer": "adamw", "lr": 1e-5, "batch_size": 4, "num_epochs": 2,
                    "grad_accumulation_steps": 2, "accum_mode": "sum", "accum_leftover": "carry",
                    "backward_of": "half_square"}
     })"),
     /*for_pretrained=*/true});

const Registered<Preset> kClassifier(
    "classifier",
    {"small classifier of 28x28 grey pictures on black, as Fashion-MNIST's: AdamW, batch 128",
     nlohmann::json::parse(R"({
       "recipe": "classifier",
       "training": {"optimizer": "adamw", "lr": 2e-3, "lr_schedule": "cosine", "warmup": 50,
                    "batch_size": 128, "num_epochs": 3, "log_samples_every": 200,
                    "save_model_every": 469},
       "transform": {"height": 28, "width": 28, "channels": 1, "horizontal_flip": true},
       "augmentation": {"background": -1, "turn": 5, "shift": 0.07, "smallest": 0.9,
                        "largest": 1.1, "color": 0, "noise": 0.8},
       "model": {"block_out_channels": [32, 64]}
     })")});

const Registered<Preset> kClipEmoji(
    "clip-emoji", {"small CLIP for 32x32 pictures: AdamW with warm-up and cosine, batch 128",
                   nlohmann::json::parse(R"({
       "recipe": "clip",
       "training": {"optimizer": "adamw", "lr": 2e-3, "lr_schedule": "cosine", "warmup": 100,
                    "adam_beta2": 0.98, "adam_weight_decay": 0.05, "adam_epsilon": 1e-6,
                    "batch_size": 128, "num_epochs": 600, "max_grad_norm": 5.0,
                    "log_samples_every": 500, "save_model_every": 500},
       "transform": {"horizontal_flip": false},
       "contrastive": {"captions_per_picture": 2, "translation_share": 0.5, "text_pairs": 96,
                       "text_weight": 0.5},
       "augmentation": {"smallest": 0.87, "largest": 1.1, "turn": 6, "shift": 0.06, "color": 0.04,
                        "contrast": 0.12, "blur": 0.3, "noise": 0.5},
       "model": {"projection_dim": 128,
                 "text_config": {"hidden_size": 128, "intermediate_size": 512,
                                 "num_hidden_layers": 2, "num_attention_heads": 4,
                                 "max_position_embeddings": 32},
                 "vision_config": {"hidden_size": 128, "intermediate_size": 512,
                                   "num_hidden_layers": 3, "num_attention_heads": 4,
                                   "image_size": 32, "patch_size": 8}}
     })")});

}  // namespace
}  // namespace mezzotint
