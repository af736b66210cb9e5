// SPDX-License-Identifier: Apache-2.0
// The two directions of the TWS socket as variants of the message structs. Every message of server
// versions 176 to 200 that an order manager or its simulator needs is an alternative; every other
// id travels as UnknownMessage or UnknownRequest with its fields.
#pragma once

#include <variant>

#include "belay/base/one_of.hpp"
#include "belay/tws/wire/accounts.hpp"
#include "belay/tws/wire/data_reports.hpp"
#include "belay/tws/wire/data_requests.hpp"
#include "belay/tws/wire/market.hpp"
#include "belay/tws/wire/reports.hpp"
#include "belay/tws/wire/requests.hpp"

namespace belay::tws::wire {

/// The server versions whose text messages are described exactly.
inline constexpr int min_server_version = 176;
inline constexpr int max_server_version = 200;

struct ServerMessages {
  using Variant =
      std::variant<UnknownMessage, NextValidId, ManagedAccts, CurrentTime, CurrentTimeInMillis,
                   ErrMsg, OrderStatus, OpenOrder, OpenOrderEnd, CompletedOrder, CompletedOrdersEnd,
                   ExecDetails, ExecDetailsEnd, CommissionReport, OrderBound, Position, PositionEnd,
                   PositionMulti, PositionMultiEnd, AccountSummary, AccountSummaryEnd, AcctValue,
                   PortfolioValue, AcctUpdateTime, AcctDownloadEnd, AccountUpdateMulti,
                   AccountUpdateMultiEnd, Pnl, PnlSingle, UserInfo, ContractData, ContractDataEnd,
                   MarketRule, TickPrice, TickSize, TickGeneric, TickString, TickReqParams,
                   TickSnapshotEnd, MarketDataType, HistoricalData, HistoricalDataEnd,
                   HistoricalDataUpdate, HistoricalSchedule, HeadTimestamp, HistoricalTicks,
                   HistoricalTicksBidAsk, HistoricalTicksLast, TickByTick, RealTimeBar, MarketDepth,
                   MarketDepthL2, MktDepthExchanges, HistogramData, SecDefOptParams,
                   SecDefOptParamsEnd, SymbolSamples, ScannerData, ScannerParameters, NewsProviders,
                   SmartComponents, FamilyCodes, SoftDollarTiers, BondContractData>;
};
using ServerMessage = base::OneOf<ServerMessages>;

struct ClientMessages {
  using Variant = std::variant<
      UnknownRequest, StartApi, ReqIds, ReqManagedAccts, ReqCurrentTime, ReqCurrentTimeInMillis,
      SetServerLogLevel, PlaceOrder, CancelOrder, ReqGlobalCancel, ReqOpenOrders, ReqAllOpenOrders,
      ReqAutoOpenOrders, ReqCompletedOrders, ReqExecutions, ReqPositions, CancelPositions,
      ReqAccountSummary, CancelAccountSummary, ReqAccountUpdates, ReqAccountUpdatesMulti,
      CancelAccountUpdatesMulti, ReqPositionsMulti, CancelPositionsMulti, ReqContractDetails,
      ReqMarketRule, ReqMktData, CancelMktData, ReqMarketDataType, ReqPnl, CancelPnl, ReqPnlSingle,
      CancelPnlSingle, ReqUserInfo, ReqHistoricalData, CancelHistoricalData, ReqHeadTimestamp,
      CancelHeadTimestamp, ReqHistoricalTicks, ReqTickByTickData, CancelTickByTickData,
      ReqRealTimeBars, CancelRealTimeBars, ReqMktDepth, CancelMktDepth, ReqMktDepthExchanges,
      ReqHistogramData, CancelHistogramData, ReqSecDefOptParams, ReqMatchingSymbols,
      ReqScannerSubscription, CancelScannerSubscription, ReqScannerParameters, ReqNewsProviders,
      ReqSmartComponents, ReqFamilyCodes, ReqSoftDollarTiers>;
};
using ClientMessage = base::OneOf<ClientMessages>;

}  // namespace belay::tws::wire

extern template class belay::base::OneOf<belay::tws::wire::ServerMessages>;
extern template class belay::base::OneOf<belay::tws::wire::ClientMessages>;
