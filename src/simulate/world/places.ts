/** The world's places: some towns of this earth with rough boxes, and a quarter anywhere a rule asks for one. */

import { hashText, type Random } from "../random.ts";
import type { Place } from "./types.ts";

type Box = readonly [number, number, number, number];

const TOWNS: readonly (readonly [string, string, string, number, number])[] = [
  ["Berlin", "Germany", "DE", 13.405, 52.52],
  ["Paris", "France", "FR", 2.352, 48.857],
  ["Lisboa", "Portugal", "PT", -9.139, 38.722],
  ["Madrid", "España", "ES", -3.704, 40.417],
  ["London", "United Kingdom", "GB", -0.128, 51.507],
  ["New York", "United States", "US", -74.006, 40.713],
  ["San Francisco", "United States", "US", -122.419, 37.775],
  ["Ciudad de México", "México", "MX", -99.133, 19.433],
  ["São Paulo", "Brasil", "BR", -46.633, -23.55],
  ["Lagos", "Nigeria", "NG", 3.379, 6.524],
  ["İstanbul", "Türkiye", "TR", 28.979, 41.008],
  ["القاهرة", "مصر", "EG", 31.236, 30.044],
  ["मुंबई", "भारत", "IN", 72.878, 19.076],
  ["ঢাকা", "বাংলাদেশ", "BD", 90.412, 23.81],
  ["กรุงเทพมหานคร", "ประเทศไทย", "TH", 100.502, 13.756],
  ["千代田区", "日本", "JP", 139.754, 35.694],
  ["서울특별시", "대한민국", "KR", 126.978, 37.567],
  ["Hà Nội", "Việt Nam", "VN", 105.834, 21.028],
  ["Αθήνα", "Ελλάδα", "GR", 23.728, 37.984],
  ["Sydney", "Australia", "AU", 151.209, -33.869],
];
/** Half of a town's box, in degrees. */
const TOWN_REACH = 0.08;

const PLACES: readonly Place[] = TOWNS.map(([name, country, code, longitude, latitude]) =>
  place(name, country, code, "city", [
    rounded(longitude - TOWN_REACH),
    rounded(latitude - TOWN_REACH),
    rounded(longitude + TOWN_REACH),
    rounded(latitude + TOWN_REACH),
  ])
);

/** Any town. */
export function anyPlace(random: Random): Place {
  return random.pick(PLACES);
}

/** A town in a country; one is founded where this file knows none. */
export function placeInCountry(code: string, random: Random): Place {
  const known = PLACES.filter((place) => place.country_code === code);
  return known.length > 0
    ? random.pick(known)
    : place("Newtown", `Country ${code}`, code, "city", [10, 10, 10.1, 10.1]);
}

/** The place of a name or a full name; it is founded where this file knows none. */
export function placeNamed(name: string): Place {
  const wanted = name.toLowerCase();
  return PLACES.find((place) =>
    place.name.toLowerCase() === wanted || place.full_name.toLowerCase() === wanted || place.id === name
  ) ?? place(name, "United States", "US", "city", [-90.1, 35, -90, 35.1]);
}

/** A quarter that lies completely within an area. */
export function placeWithin([west, south, east, north]: Box, random: Random): Place {
  const [width, height] = [east - west, north - south];
  const left = west + width * random.between(0.1, 0.4);
  const bottom = south + height * random.between(0.1, 0.4);
  const box = [left, bottom, left + width * 0.4, bottom + height * 0.4].map(rounded) as unknown as Box;
  const name = `Quarter ${random.below(90) + 10}`;
  return place(name, "Somewhere", "ZZ", "neighborhood", box);
}

/** A point within a box, as longitude and latitude. */
export function pointWithin([west, south, east, north]: Box, random: Random): [number, number] {
  return [
    rounded(west + (east - west) * random.between(0.1, 0.9)),
    rounded(south + (north - south) * random.between(0.1, 0.9)),
  ];
}

function place(name: string, country: string, code: string, type: string, bbox: Box): Place {
  const key = `${name}/${code}/${bbox.join()}`;
  return {
    id: (hashText(key).toString(16) + hashText(`${key}!`).toString(16)).padStart(16, "0").slice(0, 16),
    full_name: `${name}, ${country}`,
    name,
    country,
    country_code: code,
    place_type: type,
    geo: { type: "Feature", bbox, properties: {} },
  };
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
