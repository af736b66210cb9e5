// SPDX-License-Identifier: Apache-2.0
// Which cores a thread may run on. Latency at one outstanding order is measured on one core: a
// wake-up across cores of a virtual machine costs more than everything that is measured.
#pragma once

namespace belay::bench {

/// This thread, and the threads that it makes from now on.
void pin_to(int cpu);
/// Every core but this one, where there is another.
void pin_away_from(int cpu);
/// The last core this process may use: the first one serves most interrupts.
int last_cpu();

}  // namespace belay::bench
