#include <gradus/ops/annotate.hpp>

namespace gradus::detail {
namespace {

template <class T>
CallNote<T>& note_of(TensorNode<T>& step) {
  if (!step.note) step.note = std::make_unique<CallNote<T>>();
  return static_cast<CallNote<T>&>(*step.note);
}

template <class T>
Ref<Value<T>> remember_value(TensorNode<T>* step, Ref<Value<T>> value) {
  if (step) note_of(*step).value = value;
  return value;
}

}  // namespace

Ref<Value<float>> Annotator::recorded(TensorNode<float>* step, Ref<Value<float>> value) {
  return remember_value(step, std::move(value));
}
Ref<Value<double>> Annotator::recorded(TensorNode<double>* step, Ref<Value<double>> value) {
  return remember_value(step, std::move(value));
}

template <class T>
void Noted<T>::remember(const Tensor<T>& y, Attributes attributes) {
  CallNote<T>& note = note_of(*y.node());
  note.inputs = std::move(*inputs_);
  note.attributes = std::move(attributes);
}
template class Noted<float>;
template class Noted<double>;

}  // namespace gradus::detail
