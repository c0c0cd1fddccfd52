#include <algorithm>
#include <charconv>

#include <gradus/ops/cumulate.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/gather.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/op_rows.hpp>
#include <gradus/ops/order.hpp>
#include <gradus/ops/rearrange.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/slicing.hpp>
#include <gradus/ops/softmax.hpp>
#include <gradus/ops/windows.hpp>

// Rows of reductions, and of ops that rearrange and pick elements.
namespace gradus::detail {
namespace {

template <class X>
std::size_t ddof_of(Call<X> call) {
  const std::ptrdiff_t ddof = call.integer("ddof", 0);
  if (ddof < 0) call.fail("the attribute 'ddof' is " + std::to_string(ddof) + ": expected 0 or more");
  return static_cast<std::size_t>(ddof);
}

/// One of the parts of split() and chunk().
template <class X>
X output_of(Call<X> call, const std::vector<X>& parts) {
  return parts[call.output(parts.size())];
}

/// The pairs of pad().
template <class X>
PadWidths widths_of(Call<X> call) {
  const std::vector<std::ptrdiff_t> sides = call.integers("widths").values();
  if (sides.size() % 2 != 0) call.fail("the attribute 'widths' has an odd number of sides: expected pairs");
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> pairs;
  for (std::size_t i = 0; i < sides.size(); i += 2) pairs.push_back({sides[i], sides[i + 1]});
  return PadWidths(pairs);
}

/// Two numbers, along the height and along the width.
template <class X>
HeightWidth pair_of(Call<X> call, const std::string& name) {
  const std::vector<std::ptrdiff_t> pair = call.integers(name).values();
  if (pair.size() != 2 || pair[0] < 0 || pair[1] < 0)
    call.fail("the attribute '" + name + "' is " + call.integers(name).text() +
              ": expected two numbers, 0 or above");
  return {pair[0], pair[1]};
}

/// The items of slice() as Python writes them: "0:2, :, None, ..., -1".
template <class X>
class SliceText {
 public:
  SliceText(Call<X> call, std::string_view text) : call_(call), left_(text) {}

  std::vector<SliceItem> items() {
    std::vector<SliceItem> items;
    while (!left_.empty()) items.push_back(item(before(',')));
    return items;
  }

 private:
  SliceItem item(std::string_view text) const {
    if (text == "None") return NewAxis{};
    if (text == "...") return Ellipsis{};
    if (text.find(':') == std::string_view::npos) {
      if (text.empty()) call_.fail("an item is missing in the attribute 'items'");
      return *number(text);
    }
    if (std::count(text.begin(), text.end(), ':') > 2) fail_item(text);
    SliceText ends(call_, text);
    Range range;
    range.begin = number(ends.before(':'));
    range.end = number(ends.before(':'));
    range.step = number(ends.before(':')).value_or(1);
    return range;
  }

  /// What stands before a mark, or all; without the spaces around it.
  std::string_view before(char mark) {
    const std::size_t end = std::min(left_.find(mark), left_.size());
    std::string_view text = left_.substr(0, end);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
  }

  /// None for an empty text where an end may be left out.
  std::optional<std::ptrdiff_t> number(std::string_view text) const {
    if (text.empty()) return {};
    std::ptrdiff_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) fail_item(text);
    return value;
  }

  [[noreturn]] void fail_item(std::string_view text) const {
    call_.fail("'" + std::string(text) +
               "' in the attribute 'items': expected a number, a range, None or ...");
  }

  Call<X> call_;
  std::string_view left_;
};

template <class T>
void add_softmax(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["softmax"] = {1, 1, {"axis"}, [](In in) { return softmax(in[0], in.integer("axis", -1)); }};
  rows["log_softmax"] = {1, 1, {"axis"}, [](In in) { return log_softmax(in[0], in.integer("axis", -1)); }};
  rows["cross_entropy"] = {2, 2, {}, [](In in) {
                             return in[1].ndim() == 1 ? cross_entropy(in[0], in.whole_numbers(1))
                                                      : cross_entropy(in[0], in[1]);
                           }};
}

template <class T>
void add_cuts(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["slice"] = {1, 1, {"items"}, [](In in) {
                     return slice(in[0], SliceText<Tensor<T>>(in, in.text("items")).items());
                   }};
  rows["split"] = {1, 1, {"parts", "positions", "axis", "output"}, [](In in) {
                     const std::ptrdiff_t axis = in.integer("axis", 0);
                     return output_of(in, in.has("positions") ? split(in[0], in.integers("positions"), axis)
                                                              : split(in[0], in.integer("parts"), axis));
                   }};
  rows["chunk"] = {1, 1, {"chunks", "axis", "output"}, [](In in) {
                     return output_of(in, chunk(in[0], in.integer("chunks"), in.integer("axis", 0)));
                   }};
  rows["diag"] = {1, 1, {"k"}, [](In in) { return diag(in[0], in.small("k")); }};
  rows["tril"] = {1, 1, {"k"}, [](In in) { return tril(in[0], in.small("k")); }};
  rows["triu"] = {1, 1, {"k"}, [](In in) { return triu(in[0], in.small("k")); }};
  rows["diagonal"] = {1, 1, {"k", "axis1", "axis2"}, [](In in) {
                        return diagonal(in[0], in.small("k"), in.integer("axis1", 0), in.integer("axis2", 1));
                      }};
  rows["trace"] = {1, 1, {"k", "axis1", "axis2"}, [](In in) {
                     return trace(in[0], in.small("k"), in.integer("axis1", 0), in.integer("axis2", 1));
                   }};
}

template <class T>
void add_moves(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["swapaxes"] = {1, 1, {"axis1", "axis2"}, [](In in) {
                        return swapaxes(in[0], in.integer("axis1"), in.integer("axis2"));
                      }};
  rows["moveaxis"] = {1, 1, {"axes", "places"}, [](In in) {
                        return moveaxis(in[0], in.integers("axes"), in.integers("places"));
                      }};
  rows["flip"] = {1, 1, {"axes"}, [](In in) { return flip(in[0], in.axes()); }};
  rows["roll"] = {1, 1, {"shifts", "axes"}, [](In in) {
                    const IntList shifts = in.integers("shifts");
                    if (in.has("axes")) return roll(in[0], shifts, in.integers("axes"));
                    if (shifts.values().size() != 1) in.fail("without axes: expected one shift");
                    return roll(in[0], shifts.values()[0]);
                  }};
  rows["pad"] = {1, 1, {"widths", "value"}, [](In in) {
                   return pad(in[0], widths_of(in), in.has("value") ? in.number("value") : 0.0);
                 }};
  rows["tile"] = {1, 1, {"reps"}, [](In in) { return tile(in[0], in.integers("reps")); }};
  rows["unfold"] = {1, 1, {"kernel", "stride", "padding"}, [](In in) {
                      return unfold(in[0], pair_of(in, "kernel"),
                                    {.stride = in.has("stride") ? pair_of(in, "stride") : 1,
                                     .padding = in.has("padding") ? pair_of(in, "padding") : 0});
                    }};
  rows["repeat"] = {1, 1, {"repeats", "axis"}, [](In in) {
                      return in.has("axis") ? repeat(in[0], in.integers("repeats"), in.integer("axis"))
                                            : repeat(in[0], in.integers("repeats"));
                    }};
}

}  // namespace

template <class T>
void add_reductions(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
#define GRADUS_ROW(function) \
  rows[#function] = {        \
      1, 1, {"axes", "keepdims"}, [](In in) { return function(in[0], in.axes(), in.flag("keepdims")); }};
  GRADUS_ROW(sum)
  GRADUS_ROW(mean)
  GRADUS_ROW(prod)
  GRADUS_ROW(max)
  GRADUS_ROW(min)
  GRADUS_ROW(logsumexp)
#undef GRADUS_ROW
#define GRADUS_ROW(function, name)                                                                           \
  rows[name] = {1, 1, {"axes", "keepdims", "ddof"}, [](In in) {                                              \
                  return function(in[0], in.axes(), {.keepdims = in.flag("keepdims"), .ddof = ddof_of(in)}); \
                }};
  GRADUS_ROW(var, "var")
  GRADUS_ROW(stddev, "std")
#undef GRADUS_ROW
  rows["norm"] = {1, 1, {"axes", "keepdims", "p"}, [](In in) {
                    const double p = in.has("p") ? in.number("p") : 2;
                    return norm(in[0], in.axes(), {.keepdims = in.flag("keepdims"), .p = p});
                  }};
  rows["cumsum"] = {1, 1, {"axis"}, [](In in) {
                      return in.has("axis") ? cumsum(in[0], in.integer("axis")) : cumsum(in[0]);
                    }};
  rows["cumprod"] = {1, 1, {"axis"}, [](In in) {
                       return in.has("axis") ? cumprod(in[0], in.integer("axis")) : cumprod(in[0]);
                     }};
  add_softmax(rows);
}

template <class T>
void add_shapes(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["transpose"] = {1, 1, {"axes"}, [](In in) { return transpose(in[0], in.axes()); }};
  rows["reshape"] = {1, 1, {"shape"}, [](In in) { return reshape(in[0], in.integers("shape")); }};
  rows["ravel"] = {1, 1, {}, [](In in) { return ravel(in[0]); }};
  rows["broadcast_to"] = {1, 1, {"shape"}, [](In in) { return broadcast_to(in[0], in.integers("shape")); }};
  rows["squeeze"] = {1, 1, {"axes"}, [](In in) { return squeeze(in[0], in.axes()); }};
  rows["expand_dims"] = {1, 1, {"axes"}, [](In in) { return expand_dims(in[0], in.integers("axes")); }};
  rows["concatenate"] = {
      1, any_number, {"axis"}, [](In in) { return concatenate(in.inputs(), in.integer("axis", 0)); }};
  rows["stack"] = {1, any_number, {"axis"}, [](In in) { return stack(in.inputs(), in.integer("axis", 0)); }};
  add_moves(rows);
  add_cuts(rows);
}

template <class T>
void add_picking(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["take"] = {2, 2, {"axis"}, [](In in) { return take(in[0], in.whole_numbers(1), in.integer("axis")); }};
  rows["take_along_axis"] = {
      2, 2, {"axis"}, [](In in) { return take_along_axis(in[0], in.whole_numbers(1), in.integer("axis")); }};
  rows["gather"] = {
      2, 2, {"axis"}, [](In in) { return gather(in[0], in.whole_numbers(1), in.integer("axis")); }};
  rows["scatter_add"] = {3, 3, {"axis"}, [](In in) {
                           return scatter_add(in[0], in.whole_numbers(1), in[2], in.integer("axis"));
                         }};
  rows["mask_select"] = {2, 2, {}, [](In in) { return mask_select(in[0], in.whole_numbers(1)); }};
  rows["where"] = {3, 3, {}, [](In in) { return where(in.whole_numbers(0), in[1], in[2]); }};
  rows["sort"] = {1, 1, {"axis"}, [](In in) { return sort(in[0], in.integer("axis", -1)); }};
  rows["topk"] = {1, 1, {"k", "axis", "smallest"}, [](In in) {
                    return topk(in[0], in.integer("k"), in.integer("axis", -1), !in.flag("smallest")).values;
                  }};
}

#define GRADUS_INSTANTIATE(T)                       \
  template void add_reductions(OpRows<Tensor<T>>&); \
  template void add_shapes(OpRows<Tensor<T>>&);     \
  template void add_picking(OpRows<Tensor<T>>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::detail
