// SPDX-License-Identifier: Apache-2.0
// A cancel behind N entries in an unmodified @stoqey/ib: from the call to the broker's answer.
// Usage: node stoqey.js PORT ENTRIES (the package is looked for in tests/stoqey). One line of figures.
"use strict";

const path = require("node:path");
const tests = path.join(__dirname, "..", "..", "tests", "stoqey", "node_modules", "@stoqey", "ib");
const { IBApi, EventName } = require(tests);

const [port, entries] = process.argv.slice(2).map(Number);
const contract = { symbol: "AAPL", secType: "STK", exchange: "SMART", currency: "USD" };
const order = {
  action: "BUY", orderType: "LMT", totalQuantity: 1, lmtPrice: 1, tif: "DAY", transmit: true,
};
const ib = new IBApi({ host: "127.0.0.1", port });
let first = 0;
let asked = 0n;

ib.on(EventName.error, (error, code, id) => {
  if (code === 202 && id === first) return; // the answer, told as orderStatus too
  if (asked === 0n) console.error(`${code} ${error.message}`);
});
ib.once(EventName.nextValidId, (id) => {
  first = id;
  ib.placeOrder(first, contract, order);
});
ib.on(EventName.orderStatus, (id, status) => {
  if (id !== first) return;
  if (status === "Submitted" && asked === 0n) {
    for (let i = 1; i <= entries; i += 1) ib.placeOrder(first + i, contract, order);
    asked = process.hrtime.bigint();
    ib.cancelOrder(first);
  } else if (status === "Cancelled") {
    const took = Number(process.hrtime.bigint() - asked) / 1e6;
    console.log(`mode=stoqey-ib cancel_ms=${took.toFixed(3)} entries=${entries}`);
    process.exit(0);
  }
});
ib.connect(9);
