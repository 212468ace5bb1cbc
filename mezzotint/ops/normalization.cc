#include "mezzotint/ops/normalization.h"

#include <algorithm>
#include <cmath>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/repeat_interleave.h>

#include "mezzotint/kernels/group_norm.h"
#include "mezzotint/ops/moments.h"

namespace mezzotint::ops {
namespace {

using kernels::PixelRange;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

/// A batch in chunks of pixels, for the threads; chunks don't depend on how many there are.
struct Chunks {
  static constexpr int64_t kPixels = 2048;
  int64_t images, pixels, per_image;

  explicit Chunks(const Tensor& x)
      : images(x.size(0)),
        pixels(x.size(2) * x.size(3)),
        per_image((pixels + kPixels - 1) / kPixels) {}

  int64_t count() const { return images * per_image; }

  /// Calls body(chunk, image, first pixel of the batch, number of pixels).
  template <class Body>
  void for_each(const Body& body) const {
    at::parallel_for(0, count(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        const int64_t image = chunk / per_image, first = chunk % per_image * kPixels;
        body(chunk, image, image * pixels + first, std::min(kPixels, pixels - first));
      }
    });
  }
};

PixelRange range_of(int64_t pixels, int64_t channels) {
  return {static_cast<size_t>(pixels), static_cast<size_t>(channels)};
}

int64_t channels_of(const std::vector<Tensor>& parts) {
  int64_t channels = 0;
  for (const Tensor& part : parts) channels += part.size(1);
  return channels;
}

/// Two numbers a channel for each chunk, and added up for each picture: [2][channels].
class PairSums {
 public:
  PairSums(const Chunks& chunks, int64_t channels)
      : chunks_(chunks),
        channels_(static_cast<size_t>(channels)),
        all_(static_cast<size_t>(chunks.count()) * 2 * channels_) {}

  double* first(int64_t chunk) { return all_.data() + static_cast<size_t>(chunk) * 2 * channels_; }
  double* second(int64_t chunk) { return first(chunk) + channels_; }

  /// Adds a picture's chunks to its first one, in their order; once for each picture.
  const double* total(int64_t image) {
    double* to = first(image * chunks_.per_image);
    for (int64_t i = 1; i < chunks_.per_image; ++i)
      for (size_t c = 0; c < 2 * channels_; ++c) to[c] += first(image * chunks_.per_image + i)[c];
    return to;
  }

 private:
  Chunks chunks_;
  size_t channels_;
  std::vector<double> all_;
};

/// [B, 2, C]: what was noted of the picture, or what reading it tells.
Tensor channel_moments(const Tensor& x) {
  if (Tensor noted = noted_moments(x); noted.defined()) return noted;
  const Chunks chunks(x);
  const int64_t channels = x.size(1);
  const float* data = x.const_data_ptr<float>();
  PairSums sums(chunks, channels);
  chunks.for_each([&](int64_t chunk, int64_t image, int64_t pixel, int64_t pixels) {
    kernels::channel_sums(range_of(pixels, channels), data + pixel * channels,
                          data + image * x.stride(0), sums.first(chunk), sums.second(chunk));
  });
  Tensor moments = at::empty({chunks.images, 2, channels}, at::TensorOptions().dtype(at::kDouble));
  const auto pixels = static_cast<double>(chunks.pixels);
  for (int64_t n = 0; n < chunks.images; ++n) {
    const double *total = sums.total(n), *squares = total + channels;
    const float* origin = data + n * x.stride(0);
    double *means = moments.data_ptr<double>() + n * 2 * channels, *spreads = means + channels;
    for (int64_t c = 0; c < channels; ++c) {
      means[c] = origin[c] + total[c] / pixels;
      spreads[c] = squares[c] - total[c] * total[c] / pixels;
    }
  }
  note_moments(x, moments);
  return moments;
}

/// The same of one picture's parts, side by side.
struct ChannelMoments {
  std::vector<double> means, spreads;

  ChannelMoments(const std::vector<Tensor>& moments_of_parts, int64_t image) {
    for (const Tensor& moments : moments_of_parts) {
      const int64_t channels = moments.size(2);
      const double* from = moments.const_data_ptr<double>() + image * 2 * channels;
      means.insert(means.end(), from, from + channels);
      spreads.insert(spreads.end(), from + channels, from + 2 * channels);
    }
  }
};

struct Moments {
  double mean, variance;
};

/// Of `count` channels of `pixels` pixels each.
Moments group_moments(const double* means, const double* spreads, int64_t count, double pixels) {
  double mean = 0, spread = 0;
  for (int64_t c = 0; c < count; ++c) mean += means[c];
  mean /= static_cast<double>(count);
  for (int64_t c = 0; c < count; ++c) {
    const double apart = means[c] - mean;
    spread += spreads[c] + pixels * apart * apart;
  }
  return {mean, std::max(0.0, spread / (pixels * static_cast<double>(count)))};
}

}  // namespace

ScaleAndShift group_norm_scale(const Norm& norm, const Tensor& mean_bg, const Tensor& rstd_bg) {
  const int64_t images = mean_bg.size(0), channels = norm.weight.size(0),
                in_group = channels / norm.groups;
  ScaleAndShift made = {at::empty({images, channels}, mean_bg.options()),
                        at::empty({images, channels}, mean_bg.options()), mean_bg, rstd_bg};
  const float *weight = norm.weight.const_data_ptr<float>(),
              *bias = norm.bias.const_data_ptr<float>(), *mean = mean_bg.const_data_ptr<float>(),
              *rstd = rstd_bg.const_data_ptr<float>();
  float *scale = made.scale_bc.data_ptr<float>(), *shift = made.shift_bc.data_ptr<float>();
  for (int64_t n = 0; n < images; ++n)
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t at = n * channels + c, group = n * norm.groups + c / in_group;
      scale[at] = weight[c] * rstd[group];
      shift[at] = bias[c] - mean[group] * scale[at];
    }
  return made;
}

ScaleAndShift group_norm_scale(const std::vector<Tensor>& parts, const Norm& norm) {
  const int64_t images = parts[0].size(0), in_group = channels_of(parts) / norm.groups;
  const auto pixels = static_cast<double>(parts[0].size(2) * parts[0].size(3));
  std::vector<Tensor> moments_of_parts;
  for (const Tensor& part : parts) moments_of_parts.push_back(channel_moments(part));
  const auto options = parts[0].options().requires_grad(false);
  const Tensor mean = at::empty({images, norm.groups}, options), rstd = at::empty_like(mean);
  for (int64_t n = 0; n < images; ++n) {
    const ChannelMoments all(moments_of_parts, n);
    for (int64_t g = 0; g < norm.groups; ++g) {
      const int64_t c = g * in_group;
      const Moments moments =
          group_moments(all.means.data() + c, all.spreads.data() + c, in_group, pixels);
      mean.data_ptr<float>()[n * norm.groups + g] = static_cast<float>(moments.mean);
      rstd.data_ptr<float>()[n * norm.groups + g] =
          static_cast<float>(1 / std::sqrt(moments.variance + norm.eps));
    }
  }
  return group_norm_scale(norm, mean, rstd);
}

Tensor normalized(const std::vector<Tensor>& parts, const ScaleAndShift& by, bool silu) {
  const Tensor& x = parts[0];
  const Chunks chunks(x);
  const int64_t channels = by.scale_bc.size(1);
  Tensor y = at::empty({x.size(0), channels, x.size(2), x.size(3)}, x.options(), kLayout);
  chunks.for_each([&](int64_t, int64_t image, int64_t pixel, int64_t pixels) {
    int64_t channel = 0;
    for (const Tensor& part : parts) {
      const int64_t at = image * channels + channel;
      kernels::scale_shift(
          range_of(pixels, part.size(1)), part.const_data_ptr<float>() + pixel * part.size(1),
          by.scale_bc.const_data_ptr<float>() + at, by.shift_bc.const_data_ptr<float>() + at, silu,
          y.data_ptr<float>() + pixel * channels + channel, static_cast<size_t>(channels));
      channel += part.size(1);
    }
  });
  return y;
}

namespace {

/// What the sums over a picture's pixels leave to be applied to each of them.
struct Rest {
  std::vector<float> slope, offset;
};

/// sums of grad_z, and of grad_z * (x - mean of the group), a channel each.
Rest rest_of(const Norm& norm, const float* mean, const float* rstd, const double* sums,
             const double* products, int64_t pixels) {
  const int64_t channels = norm.weight.size(0), in_group = channels / norm.groups;
  const float* weight = norm.weight.const_data_ptr<float>();
  const auto count = static_cast<double>(pixels * in_group);
  Rest rest = {std::vector<float>(static_cast<size_t>(channels)),
               std::vector<float>(static_cast<size_t>(channels))};
  for (int64_t g = 0; g < norm.groups; ++g) {
    double sum = 0, product = 0;
    for (int64_t c = g * in_group; c < (g + 1) * in_group; ++c) {
      sum += weight[c] * sums[c];
      product += weight[c] * products[c] * rstd[g];
    }
    const double slope = -product / count * rstd[g] * rstd[g],
                 offset = -sum / count * rstd[g] - slope * mean[g];
    for (auto c = static_cast<size_t>(g * in_group); c < static_cast<size_t>((g + 1) * in_group);
         ++c) {
      rest.slope[c] = static_cast<float>(slope);
      rest.offset[c] = static_cast<float>(offset);
    }
  }
  return rest;
}

/// Whether this is the only way to the tensor's memory, but for the view that it may be of it.
bool is_nobody_elses(const Tensor& x) {
  const bool view = x.is_view();
  return x.use_count() == 1 && (!view || x._base().use_count() == 1) &&
         x.storage().use_count() == (view ? 2 : 1);
}

}  // namespace

Tensor channel_means(const Norm& norm, const Tensor& mean_bg) {
  return mean_bg.repeat_interleave(norm.weight.size(0) / norm.groups, 1);
}

NormedGrad activation_backward(const std::vector<Tensor>& parts, const Norm& norm,
                               const ScaleAndShift& by, const Tensor& grad_y, bool may_overwrite) {
  const Chunks chunks(grad_y);
  const int64_t channels = grad_y.size(1);
  const Tensor grad_z = may_overwrite ? grad_y : at::empty_like(grad_y),
               means = channel_means(norm, by.mean_bg);
  PairSums sums(chunks, channels);
  chunks.for_each([&](int64_t chunk, int64_t image, int64_t pixel, int64_t pixels) {
    int64_t channel = 0;
    for (const Tensor& part : parts) {
      const int64_t at = image * channels + channel, grad_at = pixel * channels + channel;
      kernels::scale_shift_backward(
          range_of(pixels, part.size(1)), part.const_data_ptr<float>() + pixel * part.size(1),
          by.scale_bc.const_data_ptr<float>() + at, by.shift_bc.const_data_ptr<float>() + at,
          means.const_data_ptr<float>() + at, norm.silu, grad_y.const_data_ptr<float>() + grad_at,
          grad_z.data_ptr<float>() + grad_at, static_cast<size_t>(channels),
          sums.first(chunk) + channel, sums.second(chunk) + channel);
      channel += part.size(1);
    }
  });
  const Tensor totals =
      at::empty({chunks.images, 2, channels}, at::TensorOptions().dtype(at::kDouble));
  for (int64_t n = 0; n < chunks.images; ++n)
    std::copy_n(sums.total(n), 2 * channels, totals.data_ptr<double>() + n * 2 * channels);
  return {grad_z, totals};
}

NormGrads group_norm_backward(const std::vector<Tensor>& parts, const Norm& norm,
                              const ScaleAndShift& by, const NormedGrad& grad, bool wants_parts,
                              const std::vector<Tensor>& addends) {
  const Tensor& grad_z = grad.grad_z_bchw;
  const Chunks chunks(grad_z);
  const int64_t channels = grad_z.size(1);
  const auto step = static_cast<size_t>(channels);
  const float *scale = by.scale_bc.const_data_ptr<float>(),
              *mean = by.mean_bg.const_data_ptr<float>(),
              *rstd = by.rstd_bg.const_data_ptr<float>();
  NormGrads grads;
  std::vector<Rest> rests;
  std::vector<double> weight_sums(step), bias_sums(step);
  for (int64_t n = 0; n < chunks.images; ++n) {
    const double *total = grad.sums_b2c.const_data_ptr<double>() + n * 2 * channels,
                 *products = total + channels;
    rests.push_back(rest_of(norm, mean + n * norm.groups, rstd + n * norm.groups, total, products,
                            chunks.pixels));
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t group = n * norm.groups + c / (channels / norm.groups);
      bias_sums[static_cast<size_t>(c)] += total[c];
      weight_sums[static_cast<size_t>(c)] += products[c] * rstd[group];
    }
  }
  grads.weight = at::empty({channels}, grad_z.options());
  grads.bias = at::empty({channels}, grad_z.options());
  const auto narrow = [](double sum) { return static_cast<float>(sum); };
  std::ranges::transform(weight_sums, grads.weight.data_ptr<float>(), narrow);
  std::ranges::transform(bias_sums, grads.bias.data_ptr<float>(), narrow);
  if (!wants_parts) return grads;

  std::vector<const float*> added(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool adds = i < addends.size() && addends[i].defined();
    if (adds) added[i] = addends[i].const_data_ptr<float>();
    if (parts.size() == 1)
      grads.parts.push_back(grad_z);
    else
      grads.parts.push_back(adds && is_nobody_elses(addends[i]) ? addends[i]
                                                                : at::empty_like(parts[i]));
  }
  chunks.for_each([&](int64_t, int64_t image, int64_t pixel, int64_t pixels) {
    const Rest& rest = rests[static_cast<size_t>(image)];
    int64_t channel = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const int64_t count = parts[i].size(1);
      kernels::group_norm_grad(
          range_of(pixels, count), parts[i].const_data_ptr<float>() + pixel * count,
          grad_z.const_data_ptr<float>() + pixel * channels + channel, step,
          scale + image * channels + channel, rest.slope.data() + channel,
          rest.offset.data() + channel, added[i] ? added[i] + pixel * count : nullptr,
          grads.parts[i].data_ptr<float>() + pixel * count);
      channel += count;
    }
  });
  return grads;
}

Tensor pixel_sums(const Tensor& x_bchw) {
  const Chunks chunks(x_bchw);
  const int64_t channels = x_bchw.size(1);
  PairSums sums(chunks, channels);
  chunks.for_each([&](int64_t chunk, int64_t, int64_t pixel, int64_t pixels) {
    kernels::column_sums(range_of(pixels, channels),
                         x_bchw.const_data_ptr<float>() + pixel * channels,
                         static_cast<size_t>(channels), sums.first(chunk));
  });
  Tensor total = at::empty({chunks.images, channels}, x_bchw.options());
  for (int64_t n = 0; n < chunks.images; ++n) {
    const double* of_image = sums.total(n);
    for (int64_t c = 0; c < channels; ++c)
      total.data_ptr<float>()[n * channels + c] = static_cast<float>(of_image[c]);
  }
  return total;
}

}  // namespace mezzotint::ops
