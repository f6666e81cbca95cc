-- Writes tries and marks as the ledger has them: idempotent. One KEYS entry per row.
-- ARGV[1]: a cmsgpack table {now, most, rows}; a row is {1, score, retention} for a try and
-- {2, score, retention} for a mark. Then per row its member.
local a = cmsgpack.unpack(ARGV[1])
local now, most = a[1], a[2]
for i, row in ipairs(a[3]) do
  local key, kind, score, retention, member = KEYS[i], row[1], row[2], row[3], ARGV[i + 1]
  local oldest = now - retention
  if score > oldest then
    if kind == 1 and not redis.call('ZSCORE', key, member) then
      -- Evidence may have given this try other attributes: its old member goes.
      local id = string.sub(member, 1, 8)
      for _, value in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        if string.sub(value, 1, 8) == id then redis.call('ZREM', key, value) end
      end
    end
    redis.call('ZADD', key, score, member)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', oldest)
    if kind == 1 then redis.call('ZREMRANGEBYRANK', key, 0, -most - 1) end
    local ttl = redis.call('PTTL', key)
    local needed = score + retention - now
    if ttl < needed then redis.call('PEXPIRE', key, needed) end
  end
end
return #KEYS
