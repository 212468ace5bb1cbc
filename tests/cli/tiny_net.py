"""Options of a network that trains in milliseconds."""

TINY_NET = ["--image-size", 8, "--block-out-channels", "8,16", "--down-block-types", "DownBlock2D,AttnDownBlock2D",
            "--up-block-types", "AttnUpBlock2D,UpBlock2D", "--layers-per-block", 1, "--norm-num-groups", 4,
            "--attention-head-dim", 8]
