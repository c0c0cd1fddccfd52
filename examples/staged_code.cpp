// The staged computation of CS231n, "Backpropagation, Intuitions", as code: what was computed, written out
// stage by stage, and the backward pass that belongs to it. Prints a program in NumPy, or with --cpp in C++,
// that runs by itself and prints the same gradients as backward():
//
//     staged_code | python3          staged_code --cpp > f.cpp && c++ f.cpp && ./a.out
#include <iostream>
#include <string_view>

#include <gradus/gradus.hpp>

using namespace gradus;

int main(int argc, char** argv) {
  const bool is_cpp = argc > 1 && std::string_view(argv[1]) == "--cpp";
  const Scalar x = variable(3).named("x"), y = variable(-4).named("y");
  const Scalar sigy = sigmoid(y).named("sigy"), num = (x + sigy).named("num");
  const Scalar sigx = sigmoid(x).named("sigx"), xpy = (x + y).named("xpy"),
               xpysqr = square(xpy).named("xpysqr");
  const Scalar den = (sigx + xpysqr).named("den"), invden = reciprocal(den).named("invden");
  const Scalar f = (num * invden).named("f");
  std::cout << staged_code(f, is_cpp ? Language::cpp : Language::numpy);
}
