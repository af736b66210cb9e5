// SPDX-License-Identifier: Apache-2.0
// A plain script's day with the unmodified package @stoqey/ib: it looks a symbol up, reads bars and
// ticks, qualifies an option of the chain, asks what an order would cost, trades, watches its
// profit and loss, and leaves. Usage: node day.js PATH_TO_BELAY. Non-zero when anything failed.
"use strict";

const { startSimulator, Session, of, status } = require("./trade.js");

const VERSIONS = [178, 193];
const AAPL = { symbol: "AAPL", secType: "STK", exchange: "SMART", currency: "USD" };

let passed = 0;
let failed = 0;

async function day(port, version) {
  const check = (name, good, seen) => {
    if (good) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`FAILED at ${version}: ${name}: ${JSON.stringify(seen)}`);
    }
  };
  const s = new Session(port);
  const { ib } = s;
  let seen = await s.until(() => ib.connect(3), "nextValidId");
  const first = of(seen, "nextValidId")[0][0];

  seen = await s.until(() => ib.reqMatchingSymbols(1, "AAPL"), "symbolSamples");
  const sample = of(seen, "symbolSamples")[0][1][0];
  check("look-up: AAPL", sample.contract.conId === 265598, sample);

  const finished = (e) => e.name === "historicalData" && String(e.args[1]).startsWith("finished");
  seen = await s.after(
    () => ib.reqHistoricalData(2, AAPL, "", "5 D", "1 hour", "TRADES", 1, 1, false),
    "the end of the bars", finished);
  const bars = of(seen, "historicalData").slice(0, -1);
  check("bars: at least four days of seven hours", bars.length >= 28, bars.length);
  check("bars: in order", bars.every((bar, i) => i === 0 || bars[i - 1][1] < bar[1]), bars);
  check("bars: low, open, close, high",
    bars.every((bar) => bar[4] <= bar[2] && bar[4] <= bar[5] && bar[3] >= bar[2] &&
      bar[3] >= bar[5]), bars);
  check("bars: the last one ends where the market is", bars[bars.length - 1][5] === 190, bars);

  seen = await s.until(() => ib.reqHeadTimestamp(3, AAPL, "TRADES", true, 2), "headTimestamp");
  check("head timestamp", of(seen, "headTimestamp")[0][1] === "345479400", seen);

  seen = await s.until(
    () => ib.reqSecDefOptParams(4, "AAPL", "", "STK", 265598),
    "securityDefinitionOptionParameterEnd");
  const chain = of(seen, "securityDefinitionOptionParameter")[0];
  check("chain: two expiries", chain[5].length === 2 && chain[6].includes(190), chain);
  const call = {
    symbol: "AAPL", secType: "OPT", exchange: "SMART", currency: "USD",
    lastTradeDateOrContractMonth: chain[5][0], strike: 190, right: "C",
  };
  seen = await s.until(() => ib.reqContractDetails(5, call), "contractDetailsEnd");
  const qualified = of(seen, "contractDetails");
  check("qualify: one option", qualified.length === 1 && qualified[0][1].contract.conId > 0,
    qualified);
  seen = await s.until(() => ib.reqMktData(6, call, "", true, false), "tickSnapshotEnd");
  check("quote of the option", of(seen, "tickPrice").some((tick) => tick[2] > 0), seen);

  const limit = {
    action: "BUY", orderType: "LMT", totalQuantity: 10, lmtPrice: 190.5, tif: "DAY",
    transmit: true,
  };
  seen = await s.until(
    () => ib.placeOrder(first, AAPL, { ...limit, whatIf: true }), "openOrder");
  check("what-if: margins", Number(of(seen, "openOrder")[0][3].initMarginChange) > 0, seen);

  seen = await s.after(() => ib.placeOrder(first, AAPL, limit), "Filled", status(first, "Filled"));
  check("trade: filled", of(seen, "execDetails")[0][2].shares === 10, seen);
  seen = await s.until(() => ib.reqPnL(7, "DU1234567"), "pnl");
  check("profit and loss", of(seen, "pnl")[0][0] === 7, seen);
  const wrong = s.errors.filter((one) => one.code < 2000 || one.code >= 2200);
  check("no errors", wrong.length === 0, wrong);
  await s.until(() => ib.disconnect(), "disconnected");
}

async function main() {
  const belay = process.argv[2];
  for (const version of VERSIONS) {
    const simulator = await startSimulator(belay, version);
    try {
      await day(simulator.port, version);
    } catch (problem) {
      failed += 1;
      console.log(`FAILED at ${version}: ${problem.message}`);
    }
    simulator.child.removeAllListeners("exit");
    simulator.child.kill();
  }
  console.log(`a script's day: ${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

main().catch((problem) => {
  console.log(`FAILED: ${problem.message}`);
  process.exit(1);
});
