#include "../gradus_workloads.hpp"
#include "engine.hpp"

int main() { return workloads::Engine(gradus_workloads()).serve(); }
