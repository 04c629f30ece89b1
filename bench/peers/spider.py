"""The crawl of Scrapy: follows every link of a site, keeps title and text of each page in SQLite, 250 a transaction.

usage: python3 spider.py <start page> <database file>; prints one line of JSON.
"""

import json
import resource
import sqlite3
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess


class Site(scrapy.Spider):
    name = "site"

    def __init__(self, start, file):
        super().__init__()
        self.start_urls = [start]
        self.pages = 0
        self.rows = []
        self.db = sqlite3.connect(file)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE docs (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT, text TEXT)")
        self.begun = time.perf_counter()

    def start_requests(self):
        # Not as Scrapy's own, which would read the start page again at the first link to it.
        for url in self.start_urls:
            yield scrapy.Request(url)

    def parse(self, response):
        self.pages += 1
        text = " ".join(response.xpath("//body//text()").getall())
        self.rows.append((response.url, response.xpath("//title/text()").get(), text))
        if len(self.rows) >= 250:
            self.store()
        for link in response.xpath("//a/@href").getall():
            yield response.follow(link)

    def store(self):
        with self.db:
            self.db.executemany("INSERT OR IGNORE INTO docs (url, title, text) VALUES (?, ?, ?)", self.rows)
        self.rows = []

    def closed(self, reason):
        self.store()
        seconds = time.perf_counter() - self.begun
        usage = resource.getrusage(resource.RUSAGE_SELF)
        said = {
            "pages": self.pages,
            "seconds": seconds,
            "processor_seconds": usage.ru_utime + usage.ru_stime,
            "peak_kib": usage.ru_maxrss,
        }
        print(json.dumps(said), flush=True)


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "LOG_LEVEL": "WARNING",
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
        "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
    }
)
process.crawl(Site, sys.argv[1], sys.argv[2])
process.start()
