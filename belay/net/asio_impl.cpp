// SPDX-License-Identifier: Apache-2.0
// The implementation of Boost.Asio, compiled here and nowhere else
// (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
