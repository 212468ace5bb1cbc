#include "mezzotint/kernels/matmul.h"

#include <algorithm>

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/matmul.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

size_t PanelWidth() { return kPanelVectors * hn::Lanes(Floats()); }
size_t SumsStep(size_t columns) { return Padded(columns); }

/// Rows whose products with a panel are made together: with a depth of 1024 they take 200 KB, and
/// the panel 256 KB, of the second-level cache. A multiple of every register block's rows.
constexpr size_t kRowBlock = 48;

/// One panel of columns of B, padded to whole vectors.
struct PanelPlace {
  size_t start, used, width;  ///< first column, columns, floats
  PanelPlace(size_t columns, size_t panel)
      : start(panel * PanelWidth()),
        used(std::min(PanelWidth(), columns - start)),
        width(Padded(used)) {}
};

void Pack(const MatmulShape& shape, MatmulOrder order, const float* b, size_t step, size_t first,
          size_t last, float* packed) {
  for (size_t p = first; p < last; ++p) {
    const PanelPlace panel(shape.columns, p);
    float* to = packed + panel.start * shape.depth;
    if (order == MatmulOrder::kRows)
      PackRows(b + panel.start, step, shape.depth, panel.used, to, panel.width);
    else
      PackTurned(b + panel.start * step, step, panel.used, shape.depth, to, panel.width);
  }
}

/// The block of rows behind the one at work; of long ones, which need not lie side by side, a part.
struct NextRows {
  const Product<Lying::kRows>& m;
  bool wanted;
  HWY_INLINE Ahead operator()(size_t first, size_t rows, size_t part) const {
    if (!wanted) return {};
    const size_t row = first + kRowBlock;
    return {part ? m.more_a + row * m.more_step : m.a + row * m.a_step, rows};
  }
};

/// The rows [first, first + rows) of x times a panel, with bias and addend in the registers that
/// gather the sums. The first panel asks for the next block of rows.
HWY_INLINE void PanelProducts(const MatmulInput& x, size_t first, size_t rows, const float* packed,
                              const PanelPlace& panel, const MatmulOutput& y) {
  const size_t vectors = panel.width / hn::Lanes(Floats());
  Product<Lying::kRows> m{
      x.parts[0] + first * x.part_step[0], x.part_step[0], packed, panel.width, x.part_depth[0],
      y.y + first * y.step + panel.start,  y.step};
  if (y.bias) m.bias = y.bias + panel.start;
  if (y.addend && y.addend != y.y) {
    m.addend = y.addend + first * y.addend_step + panel.start;
    m.addend_row = y.addend_step;
  }
  if (x.parts[1]) {
    m.more_a = x.parts[1] + first * x.part_step[1];
    m.more_step = x.part_step[1];
    m.more_count = x.part_depth[1];
  }
  m.streamed = y.streamed;
  MultiplyPanel(y.addend == y.y, rows, vectors, m, AsTheyAre(), NextRows{m, panel.start == 0});
}

/// The same for a panel that ends within a vector: neither y nor what is added to it may be read
/// or written behind their end.
HWY_INLINE void LastPanelProducts(const MatmulInput& x, size_t first, size_t rows,
                                  const float* packed, const PanelPlace& panel,
                                  const MatmulOutput& y) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  HWY_ALIGN float products[kRowBlock * kPanelVectors * hn::MaxLanes(Floats())];
  MatmulInput block = x;
  for (size_t part = 0; part < 2; ++part)
    if (x.parts[part]) block.parts[part] = x.parts[part] + first * x.part_step[part];
  PanelProducts(block, 0, rows, packed, PanelPlace(panel.used, 0), {products, panel.width});
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < panel.used; j += lanes) {
      const size_t column = panel.start + j, n = std::min(lanes, panel.used - j);
      V value = hn::LoadU(d, products + r * panel.width + j);
      if (y.bias) value = hn::Add(value, LoadPart(y.bias + column, n));
      if (y.addend)
        value = hn::Add(value, LoadPart(y.addend + (first + r) * y.addend_step + column, n));
      StorePart(value, y.y + (first + r) * y.step + column, n);
    }
}

void Multiply(const MatmulShape& shape, const MatmulInput& x, const float* packed, size_t first,
              size_t last, MatmulOutput y) {
  y.streamed = y.streamed && y.addend != y.y && InWholeLines(y.y, y.step);
  const size_t panels = hwy::DivCeil(shape.columns, PanelWidth());
  for (size_t row = first; row < last; row += kRowBlock) {
    const size_t rows = std::min(kRowBlock, last - row);
    for (size_t p = 0; p < panels; ++p) {
      const PanelPlace panel(shape.columns, p);
      const float* columns = packed + panel.start * shape.depth;
      if (panel.used == panel.width)
        PanelProducts(x, row, rows, columns, panel, y);
      else
        LastPanelProducts(x, row, rows, columns, panel, y);
    }
  }
  if (y.streamed) hwy::FlushStream();
}

/// Rows of which a block of b is packed: enough that the sums are seldom fetched, and few enough
/// for the second-level cache.
constexpr size_t kSummedRows = 256;

size_t RowSumsScratch() { return kSummedRows * PanelWidth(); }

void RowSums(const float* a, size_t a_step, size_t rows_out, const float* b, size_t b_step,
             size_t columns, size_t first, size_t last, float* scratch, float* sums) {
  const size_t sums_step = Padded(columns), panels = hwy::DivCeil(columns, PanelWidth());
  for (size_t row = first; row < last; row += kSummedRows) {
    const size_t rows = std::min(kSummedRows, last - row);
    for (size_t p = 0; p < panels; ++p) {
      const PanelPlace panel(columns, p);
      PackRows(b + row * b_step + panel.start, b_step, rows, panel.used, scratch, panel.width);
      const Product<Lying::kColumns> m = {a + row * a_step,   a_step,   scratch, panel.width, rows,
                                          sums + panel.start, sums_step};
      // The rows behind these, a part with each block of columns.
      const auto next_rows = [&](size_t column, size_t columns_at_once, size_t) {
        return p == 0 ? Ahead{m.a + rows * a_step + column * rows, columns_at_once} : Ahead();
      };
      MultiplyPanel<true>(rows_out, panel.width / hn::Lanes(Floats()), m, AsTheyAre(), next_rows);
    }
  }
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(PanelWidth);
HWY_EXPORT(SumsStep);
HWY_EXPORT(Pack);
HWY_EXPORT(Multiply);
HWY_EXPORT(RowSumsScratch);
HWY_EXPORT(RowSums);

size_t matmul_packed_size(const MatmulShape& shape) {
  return shape.depth * matmul_sums_step(shape.columns);
}

size_t matmul_panels(const MatmulShape& shape) {
  const size_t width = HWY_DYNAMIC_DISPATCH(PanelWidth)();
  return (shape.columns + width - 1) / width;
}

void matmul_pack(const MatmulShape& shape, MatmulOrder order, const float* b, size_t step,
                 size_t first, size_t last, float* packed) {
  HWY_DYNAMIC_DISPATCH(Pack)(shape, order, b, step, first, last, packed);
}

void matmul(const MatmulShape& shape, const MatmulInput& x, const float* packed, size_t first,
            size_t last, const MatmulOutput& y) {
  HWY_DYNAMIC_DISPATCH(Multiply)(shape, x, packed, first, last, y);
}

size_t matmul_sums_step(size_t columns) { return HWY_DYNAMIC_DISPATCH(SumsStep)(columns); }

size_t matmul_row_sums_scratch() { return HWY_DYNAMIC_DISPATCH(RowSumsScratch)(); }

void matmul_row_sums(const float* a, size_t a_step, size_t rows_out, const float* b, size_t b_step,
                     size_t columns, size_t first, size_t last, float* scratch, float* sums) {
  HWY_DYNAMIC_DISPATCH(RowSums)
  (a, a_step, rows_out, b, b_step, columns, first, last, scratch, sums);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
